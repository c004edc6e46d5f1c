# ruff: noqa: E501 - a table reads best with one reason a line
"""Why a file, a row or a cell comes back: every reason code with its message, in Chinese and English, in one table.

A message says what is wrong with the value and what to do about it. Placeholders: {raw} the text as found, {field} the
heading of the column, {want} what would be right. A `note` tells the clerk something and returns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["file", "row", "note"]


@dataclass(frozen=True)
class Reason:
    """One reason code; `scope` says what it returns: the whole file, the row, or nothing (`note`)."""

    code: str
    scope: Scope
    zh: str
    en: str


_TABLE: tuple[tuple[str, Scope, str, str], ...] = (
    # the whole file cannot be read
    ("empty_file", "file", "文件是空的，没有任何内容。请重新保存后再报送。", "The file is empty. Please save it again and resend."),
    ("encrypted", "file", "文件设有打开密码，无法读取。请取消密码（文件 → 信息 → 保护工作簿）后再报送。", "The file needs a password to open. Please remove the password (File → Info → Protect Workbook) and resend."),
    ("damaged", "file", "文件已损坏或没有传完整。请用表格软件打开确认内容，另存为 xlsx 后再报送。", "The file is damaged or incomplete. Please open it, check it, save it as xlsx and resend."),
    ("unsupported_format", "file", "这是{raw}格式，目前只能读取 xlsx、CSV 和 JSON。请用表格软件打开，另存为 xlsx 后再报送。", "This is {raw}; only xlsx, CSV and JSON can be read. Please open it in a spreadsheet program, save it as xlsx and resend."),
    ("unsafe_archive", "file", "文件内部结构异常（{raw}），为安全起见没有打开。请新建工作簿，把数据以“只粘贴数值”方式贴入后再报送。", "The file's inside looks unsafe ({raw}), so it was not opened. Please paste the values into a new workbook and resend."),
    ("unsafe_xml", "file", "文件内含外部引用声明（DOCTYPE），为安全起见没有打开。请用表格软件另存为 xlsx 后再报送。", "The file contains a document type declaration (DOCTYPE), so it was not opened. Please save it again as xlsx and resend."),
    ("too_large", "file", "文件太大（{raw}）。请删除与填报无关的工作表、图片和空行后再报送。", "The file is too large ({raw}). Please remove unrelated sheets, pictures and empty rows and resend."),
    ("too_many_cells", "file", "工作表的范围过大（{raw}），可能在很远的地方误填了内容。请删除数据以外的行和列后再报送。", "The sheet reaches too far ({raw}); something may have been typed far away by mistake. Please delete rows and columns outside the data and resend."),
    ("reader_died", "file", "读取这个文件时程序中断，文件可能已损坏。请新建工作簿，把数据以“只粘贴数值”方式贴入后再报送。", "Reading this file broke the reader; the file may be damaged. Please paste the values into a new workbook and resend."),
    ("reader_timeout", "file", "读取这个文件用时过长，已停止。请新建工作簿，把数据以“只粘贴数值”方式贴入后再报送。", "Reading this file took too long and was stopped. Please paste the values into a new workbook and resend."),
    ("unreadable_text", "file", "无法辨认文件的文字编码。请在表格软件中另存为“CSV UTF-8”或 xlsx 后再报送。", "The text encoding cannot be recognised. Please save the file as “CSV UTF-8” or xlsx and resend."),
    ("unreadable_csv", "file", "CSV 的引号或分隔符不成对，无法分列（{raw}）。请另存为 xlsx 后再报送。", "The quotes or separators of this CSV do not match up ({raw}). Please save it as xlsx and resend."),
    ("unreadable_json", "file", "JSON 的写法不规范，无法读取（{raw}）。请由导出程序重新生成，或改用下发的填报表。", "The JSON cannot be read ({raw}). Please export it again, or use the workbook that was sent out."),
    ("json_without_rows", "file", "JSON 里没有找到填报的行。整个文件应是对象数组，或把数组放在“{raw}”之下。", "No rows were found in the JSON. The file should be an array of objects, or hold one under “{raw}”."),
    ("no_header", "file", "没有找到表头。表头需要有“事项代码”“周次”等列名，请使用下发的填报表。", "No heading row was found. Headings such as 事项代码 (Responsibility) and 周次 (Week) are needed; please use the workbook that was sent out."),
    ("missing_heading", "file", "表头缺少“{raw}”一列。请使用下发的填报表。", "The heading “{raw}” is missing. Please use the workbook that was sent out."),
    ("duplicate_heading", "file", "表头“{raw}”出现了两次，无法判断以哪一列为准。请只保留一列。", "The heading “{raw}” stands twice, so it is not clear which column counts. Please keep only one."),
    ("no_rows", "file", "表头下面没有填报内容。如果本周确无变化，请在“无变化”一列填“是”。", "There is nothing under the headings. If nothing changed this week, please enter 是 (yes) under 无变化 (No change)."),
    # a cell cannot be read exactly
    ("error_value", "row", "单元格是错误值 {raw}，公式没有算出结果。请改为填写数值。", "The cell holds the error {raw}; its formula gave no result. Please enter the value itself."),
    ("formula_without_value", "row", "单元格是公式，但文件里没有保存计算结果。请用表格软件打开并保存一次，或直接填写数值。", "The cell holds a formula without a saved result. Please open and save the file in a spreadsheet program, or enter the value itself."),
    ("not_a_number", "row", "“{raw}”不是确切的数。请只填写一个数字，例如 50 或 50%；没有数据请留空。", "“{raw}” is not an exact number. Please enter one number, such as 50 or 50%; leave the cell empty if there is none."),
    ("not_finite", "row", "“{raw}”不是有限的数。请填写实际数值。", "“{raw}” is not a finite number. Please enter the actual figure."),
    ("number_too_large", "row", "“{raw}”位数过多，表格软件会丢失尾数。请核对数值和计量单位。", "“{raw}” has too many digits to be kept exactly. Please check the figure and its unit."),
    ("date_in_number", "row", "这个单元格被设成了日期格式（显示为 {raw}）。请把格式改为“常规”并重新填写数字。", "This cell is formatted as a date (it shows {raw}). Please set its format to General and enter the number again."),
    ("number_format", "row", "这个单元格的数字格式会改变数值的大小（{raw}），无法确定真实数值。请把格式改为“常规”并重新填写。", "This cell's number format ({raw}) changes the size of the figure, so its value is not certain. Please set the format to General and enter it again."),
    ("not_a_date", "row", "“{raw}”不是一个明确的日期。请按 2022-03-05 的样式填写。", "“{raw}” is not a definite date. Please write it like 2022-03-05."),
    ("not_a_flag", "row", "“{raw}”无法判断是或否。请填“是”或“否”。", "“{raw}” is neither yes nor no. Please enter 是 (yes) or 否 (no)."),
    ("text_control", "row", "文字中含有看不见的控制字符，无法保存。请删除后重新输入这一格。", "The text contains invisible control characters that cannot be stored. Please type this cell again."),
    ("text_too_long", "row", "这一格文字过长（{raw} 字）。请控制在 2000 字以内，详情放入佐证材料。", "This cell is too long ({raw} characters). Please keep it under 2,000 and put details into the evidence."),
    ("personal_data", "row", "这一格像是含有身份证号或电话号码。为保护个人信息，内容没有保存。请删除号码后重新报送这一行。", "This cell seems to hold an identity or phone number. To protect people it was not kept. Please remove the number and resend this row."),
    ("merged_cells", "row", "这一格与其他行合并了，无法判断每一行的数值。请取消合并，逐行填写。", "This cell is merged across rows, so each row's value is not clear. Please unmerge it and fill in every row."),
    ("hidden_row", "row", "这一行被隐藏了，无法确认是否要报送。请取消隐藏（或取消筛选），不需要的行请删除。", "This row is hidden, so it is not clear whether it is meant. Please unhide it (or clear the filter); delete it if it is not needed."),
    ("hidden_column", "row", "“{field}”一列被隐藏但填有内容。请取消隐藏并核对后再报送。", "The column “{field}” is hidden but holds values. Please unhide it, check it and resend."),
    ("too_many_columns", "row", "这一行的列数比表头多（{raw}），可能是文字里的逗号没有加引号。请核对这一行。", "This row has more columns than the headings ({raw}); a comma inside a text may lack quotes. Please check this row."),
    ("json_not_a_row", "row", "这里是 {raw}，不是一行填报内容。数组的每一项都应是一个对象（键和值）。请改好后重新报送。", "This is {raw}, not a row. Every entry of the array must be an object of keys and values. Please correct and resend it."),
    ("json_key_twice", "row", "同一行里“{raw}”出现了两次，无法判断以哪一个为准。请只保留一个。", "“{raw}” stands twice in one row, so it is not clear which counts. Please keep only one."),
    ("json_nested", "row", "“{field}”里是嵌套的内容（{raw}）。请只填一个值。", "“{field}” holds nested content ({raw}). Please give one value."),
    # the row does not fit the plan
    ("unit_mismatch", "row", "单位代码“{raw}”与报送单位 {want} 不一致。请只填报本单位的事项。", "The unit code “{raw}” is not the sender's ({want}). Please report your own unit's rows only."),
    ("unit_unknown", "row", "单位代码“{raw}”不在单位名录中。请核对单位代码。", "The unit code “{raw}” is not in the list of units. Please check it."),
    ("unit_missing", "row", "没有填写单位代码。请填写被核查单位的代码。", "The unit code is empty. Please enter the code of the unit that was checked."),
    ("week_missing", "row", "没有填写周次。请按 2022-W02 的样式填写。", "The week is empty. Please write it like 2022-W02."),
    ("week_unreadable", "row", "“{raw}”不是周次。请按 2022-W02 的样式填写。", "“{raw}” is not a week. Please write it like 2022-W02."),
    ("week_unknown", "row", "督查日历中没有第 {raw} 周。请核对年份和周次。", "The supervision calendar has no week {raw}. Please check the year and the week."),
    ("week_in_future", "row", "{raw} 还没有开始，目前最晚可以填报 {want}。请核对周次。", "{raw} has not begun; the latest week open is {want}. Please check the week."),
    ("responsibility_missing", "row", "没有填写事项代码。请填写事项代码，或删除这一行。", "The responsibility code is empty. Please enter it, or delete this row."),
    ("responsibility_unknown", "row", "{want} 年的责任事项中没有“{raw}”。请核对事项代码。", "“{raw}” is not among the responsibilities of {want}. Please check the code."),
    ("not_assigned", "row", "事项 {raw} 没有分配给单位 {want}。请核对事项代码；如分工有误，请联系督查室。", "Responsibility {raw} is not assigned to unit {want}. Please check the code, or ask the supervision office if the assignment is wrong."),
    ("cooperating_only", "row", "单位 {want} 是事项 {raw} 的配合单位，数据由牵头单位填报，无需填报这一行。", "Unit {want} only cooperates on {raw}; the lead unit reports its figures. This row is not needed."),
    ("item_unknown", "row", "事项 {want} 没有名为“{raw}”的阶段或分项。请填写填报表中给出的代码；没有分项的请留空。", "Responsibility {want} has no stage or sub-item “{raw}”. Please use a code given in the workbook; leave it empty if there is none."),
    ("item_missing", "row", "这一事项分阶段考核，请在“阶段或分项”填写阶段代码。", "This responsibility is counted by stages. Please enter the stage under 阶段或分项 (Item)."),
    ("item_not_a_day", "row", "“{raw}”不是 {want} 这一周的日期。每日零报告请在“阶段或分项”填写当天日期，例如 2022-01-12。", "“{raw}” is not a day of week {want}. A daily zero-report needs its day under 阶段或分项 (Item), such as 2022-01-12."),
    ("value_missing", "row", "没有填写完成值。请填写数值；确实没有变化的，请在“无变化”填“是”。", "The value is empty. Please enter it; if nothing changed, enter 是 (yes) under 无变化 (No change)."),
    ("value_missing_here", "row", "没有填写完成值。这一事项每期都要填报当期数，没有发生请填 0。", "The value is empty. This responsibility is reported afresh each period; enter 0 if nothing happened."),
    ("events_missing", "row", "没有填写件数。没有发生请填 0，这就是零报告。", "The number of events is empty. Please enter 0 if there were none: that is the zero-report."),
    ("events_not_counted", "row", "“{raw}”不是件数。请填写 0 或正整数。", "“{raw}” is not a number of events. Please enter 0 or a whole number."),
    ("pair_missing", "row", "这一事项需要同时填写分子和分母。请补齐“{field}”。", "This responsibility needs both numerator and denominator. Please fill in “{field}”."),
    ("negative_number", "row", "“{raw}”是负数，“{field}”不能小于 0。请核对数值。", "“{raw}” is negative, but “{field}” cannot be below 0. Please check it."),
    ("rank_not_whole", "row", "“{raw}”不是名次。请填写 1 或更大的整数。", "“{raw}” is not a rank. Please enter a whole number from 1 on."),
    ("rank_above_count", "row", "名次 {raw} 大于参评总数 {want}。请核对名次和分母。", "Rank {raw} is greater than the number ranked, {want}. Please check both."),
    ("done_missing", "row", "没有说明这一阶段是否完成。请在“是否完成”填“是”或“否”。", "It is not said whether this stage is done. Please enter 是 (yes) or 否 (no) under 是否完成 (Done)."),
    ("figure_not_expected", "row", "这一事项（{want}）不填“{field}”。请把数值填入对应的列，或清空这一格。", "This responsibility ({want}) takes no “{field}”. Please move the figure to its own column, or clear the cell."),
    ("unit_of_measure_mismatch", "row", "“{raw}”的单位与这一事项的计量单位“{want}”不一致。请换算后只填数字。", "“{raw}” is not in this responsibility's unit of measure, {want}. Please convert it and enter the number alone."),
    ("no_change_not_allowed", "row", "这一事项每期都要填报当期数，不能填“无变化”。没有发生请填 0。", "This responsibility is reported afresh each period, so “no change” cannot be used. Enter 0 if nothing happened."),
    ("no_change_with_value", "row", "“无变化”填了“是”，“{field}”又填有 {raw}。请只保留其中一个。", "“No change” is set, and “{field}” also holds {raw}. Please keep only one of them."),
    ("date_in_future", "row", "日期 {raw} 晚于报送时间。请核对日期。", "The date {raw} is later than the day of sending. Please check it."),
    ("date_out_of_range", "row", "日期 {raw} 不合常理。请核对年份。", "The date {raw} is out of range. Please check the year."),
    ("duplicate_contradicts", "row", "同一事项、同一周填了多行，内容不一致（另见第 {want} 行）。请只保留正确的一行。", "The same responsibility and week stand in several rows that differ (see also row {want}). Please keep only the right one."),
    ("checked_on_missing", "row", "没有填写核查日期。请按 2022-03-05 的样式填写。", "The date of the check is empty. Please write it like 2022-03-05."),
    ("method_missing", "row", "没有填写核查方式。请写明，例如“现场核查”。", "The method of the check is empty. Please state it, for example 现场核查 (on site)."),
    ("sample_kind_unknown", "row", "抽样类别“{raw}”无法识别。请填“随机”（random）或“风险”（risk）。", "The sample kind “{raw}” is not known. Please enter 随机 (random) or 风险 (risk)."),
    # told, nothing is returned for it
    ("duplicate_identical", "note", "这一行与第 {want} 行内容相同，只记录一次。", "This row repeats row {want}; it is recorded once."),
    ("row_left_blank", "note", "这一行没有填写，没有记录。", "This row was left blank; nothing is recorded for it."),
    ("numerator_above_denominator", "note", "分子 {raw} 大于分母 {want}，已照填报记录。如有误，请重新报送这一行。", "The numerator {raw} is greater than the denominator {want}. It is recorded as sent; please resend the row if it is wrong."),
    ("hidden_sheet", "note", "隐藏的工作表“{raw}”没有读取。如需报送，请取消隐藏后重新报送。", "The hidden sheet “{raw}” was not read. Please unhide it and resend if it is meant."),
    ("sheet_without_headings", "note", "工作表“{raw}”没有填报表的表头，没有读取。", "The sheet “{raw}” has no headings of the workbook and was not read."),
    ("unknown_heading", "note", "不认识列名“{raw}”，这一列没有读取。", "The heading “{raw}” is not known; this column was not read."),
)  # fmt: skip

REASONS: dict[str, Reason] = {row[0]: Reason(*row) for row in _TABLE}
NOTES = frozenset(code for code, reason in REASONS.items() if reason.scope == "note")
