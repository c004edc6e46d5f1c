"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("figures").textContent);
  const dialog = document.getElementById("source");
  const words = {
    value: ["数值", "Value"], share: ["分子 / 分母", "Numerator / denominator"], unit: ["计量", "Unit"],
    table: ["数据表", "Table"], where: ["数据行", "Rows where"], rows: ["涉及", "Concerns"], code: ["数字编号", "Figure"],
  };
  const units = {
    fraction: ["份额（1 = 100%）", "fraction (1 = 100 %)"], change: ["份额之差", "difference of fractions"],
    light: ["灯", "light"], state: ["状态", "state"], status: ["报送状况", "status"], time: ["时间", "time"], date: ["日期", "date"],
    item: ["项", "items"], unit: ["个单位", "units"], row: ["行", "rows"], day: ["天", "days"], rank: ["名次", "rank"],
    signed: ["增减", "change"], event: ["起", "events"], report: ["次", "reports"], week: ["周", "weeks"], text: ["文字", "text"],
  };
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const language = () => (root.dataset.language === "en" ? 1 : 0);

  const setLanguage = (value) => { root.dataset.language = value; root.lang = value === "en" ? "en" : "zh-CN"; remember("ducha-language", value); };
  const setTheme = (value) => { root.dataset.theme = value; remember("ducha-theme", value); };
  if (recall("ducha-language") === "en" || location.hash === "#en") setLanguage("en");
  if (["light", "dark"].includes(recall("ducha-theme"))) setTheme(recall("ducha-theme"));
  if (location.hash === "#dark") root.dataset.theme = "dark";

  document.getElementById("language").addEventListener("click", () => setLanguage(language() ? "zh" : "en"));
  document.getElementById("theme").addEventListener("click", () => {
    const isDark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    setTheme(isDark ? "light" : "dark");
  });
  document.getElementById("print").addEventListener("click", () => print());

  const row = (list, term, text) => {
    if (text === null || text === undefined || text === "") return;
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = words[term][language()];
    dd.textContent = text;
    list.append(dt, dd);
  };
  const show = (code) => {
    const figure = data.figures[code];
    if (!figure) return;
    const at = language();
    dialog.querySelector(".label").textContent = figure.label[at];
    dialog.querySelector(".shown").textContent = figure.text[at];
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    row(list, "value", figure.value);
    if (figure.share[1] !== null) row(list, "share", `${figure.share[0]} / ${figure.share[1]}`);
    row(list, "unit", (units[figure.unit] || [figure.unit, figure.unit])[at]);
    row(list, "table", figure.source.table);
    row(list, "where", Object.entries(figure.source.where || {}).map(([k, v]) => `${k} = ${v}`).join("\n"));
    row(list, "rows", (figure.source.rows || []).join(at ? ", " : "、"));
    row(list, "code", code);
    dialog.querySelector("pre").textContent = `${data.queries[figure.query[0]]}\n${figure.query[1]}`;
    dialog.querySelector("details").open = false;
    dialog.showModal();
  };
  if (location.hash.startsWith("#figure=")) show(decodeURIComponent(location.hash.slice(8)));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-figure]");
    if (link) { event.preventDefault(); show(link.dataset.figure); return; }
    if (event.target === dialog) dialog.close();
  });
})();
