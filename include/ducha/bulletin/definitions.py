"""附件4, 指标口径与亮灯标准: what each word means here, with the county's own thresholds."""

from __future__ import annotations

from ducha.bulletin.document import Block, Paragraph, sentence
from ducha.bulletin.figures import FigureSet
from ducha.bulletin.narrative import plain


def definitions(figures: FigureSet) -> tuple[Block, ...]:
    """附件4: what each word means here, with the county's own thresholds."""
    of_threshold = figures.of("threshold")
    texts = (
        sentence(
            "完成率：累计、水平类为（完成值－基期）÷（目标－基期），越低越好的反向计算；比率类用分子、分母合计；节点"
            "类为已完成节点权重之和÷全部权重；红线类有事件为零，零报告齐全且无事件为百分之百，零报告不全的不给数。完"
            "成率不截断，计分时限于零至{cap}。",
            "Completion: totals and levels (value − baseline) ÷ (target − baseline), reversed where lower is better; "
            "ratios from summed numerators and denominators; stages by weight done; a red line is 0 with any event, 1 "
            "with every zero-report and no event, and has no number where zero-reports are lacking. Rows are not "
            "clipped; scores hold them between 0 and {cap}.",
            **of_threshold,
        ),
        sentence(
            "计划进度：按责任事项的计划曲线，算到报送截止日应完成的份额；领域和全县的计划进度与完成率用同一批事项、同一权重。",
            "Plan: the share due by the cut-off along the row's plan shape; an area's plan uses the same rows and "
            "weights as its completion.",
        ),
        sentence(
            "亮灯：按进度差（完成率－计划进度）。不低于{green}为绿灯；低于绿灯而不低于{yellow}为黄灯；低于{yellow}、超过时限未完成、触红线或应报未报为红灯；没有数的为灰灯。由红转绿的第一周亮黄灯。",
            "Lights, by gap (completion − plan): green from {green}; yellow from {yellow}; red below, past due and "
            "not complete, on a red line with an event, or when a due report never came; grey without a number. The "
            "first green week after red shows yellow.",
            **of_threshold,
        ),
        sentence(
            "临期：距时限{near_due}天以内且未完成。",
            "Due soon: within {near_due} days and not complete.",
            **of_threshold,
        ),
        sentence(
            "全县、领域、单位完成率：按权重加权平均；应报未报按零计入；未设目标、未到报期、免考、暂停等不进分母，逐类列数（见附件6）。",
            "Completion of units, areas and the county: weighted means; missing counts as zero; rows without a "
            "target, not due, exempt or suspended stay outside and are counted in annex 6.",
        ),
        sentence(
            "比上周：只比较两周都有数的同一批事项，两周都按同一时点的数据计算。",
            "On last week: only rows with a number in both weeks, both computed from the same facts.",
        ),
        sentence(
            "排名：同组有数事项不少于{min_counted}项方可排名；红线零报告不全的不排名。",
            "Ranks: from {min_counted} rows with a number; none where a red line is unknown.",
            **of_threshold,
        ),
        sentence(
            "报送完整率：应报行中本周已接受的份额；及时率：应报行中截止前首次接受的份额；退回重报宽限{grace}小时。",
            "Completeness: share of due rows accepted for this week; timeliness: share first accepted by the cut-off; "
            "grace after a return {grace} hours.",
            **of_threshold,
        ),
        sentence(
            "核查：核实值与申报值相差超过允许误差为不符，允许误差取事项自定的与申报值的{tolerance}中较大者；不符率附95%置信区间（威尔逊法），随机抽查与风险抽查分列，不合并。",
            "Checks: a difference beyond the tolerance is discrepant, the larger of the row's own and {tolerance} of "
            "the reported value; rates carry the Wilson 95 % interval; random and risk samples are never pooled.",
            **of_threshold,
        ),
    )
    return tuple(Paragraph(plain(f"{n}. ", f"{n}. ") + text, "item") for n, text in enumerate(texts, start=1))
