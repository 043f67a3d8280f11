// Tables: behind each chart, and where a table says it best.

// columns: [title, value of a row -> text or element, class]. The first is the row's header.
// kind: "stack" for one that a phone shows row by row, each value behind its title. The roles are
// those that a table has by itself, which a browser forgets where its rows are laid out otherwise.
function table(caption, columns, rows, none, kind) {
  if (!rows.length) return empty(none);
  const head = columns.map(([title, , kind]) => h("th", { scope: "col", role: "columnheader", class: kind }, title));
  const body = rows.map((row) => h("tr", { role: "row" }, ...columns.map(([title, value, kind], i) => {
    const content = value(row);
    return i ? h("td", { role: "cell", class: kind, "data-title": title }, content)
      : h("th", { scope: "row", role: "rowheader", class: kind }, content);
  })));
  return h("table", { role: "table", class: kind, "aria-label": caption },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...head)), h("tbody", { role: "rowgroup" }, ...body));
}

const colored = (value, digits = 2) => h("span", { class: colorOf(value) }, signed(value, digits));
const signalTag = (signal) => h("span", { class: `tag ${/Long/.test(signal) ? "good" : "bad"}` },
  `${/Long/.test(signal) ? "▲" : "▼"} ${words(signal)}`);

// Every nth point, the last among them: a table of hundreds of rows is not read.
const sampled = (points, limit = 40) => {
  const step = Math.ceil(points.length / limit);
  return points.filter((_, i) => (points.length - 1 - i) % step === 0).reverse();
};

const equityTable = (points, quote) => table("Equity over time", [
  ["time, UTC", (p) => clock(p[0])],
  [`equity, ${quote}`, (p) => number(p[1], 2)],
  ["high-water mark", (p) => number(p[2], 2)],
  ["drawdown", (p) => percent(p[2] ? Math.max(1 - p[1] / p[2], 0) : 0, 2)],
], sampled(points), "No strike has changed the books yet.");

const winTable = (points) => table("Win rate over time", [
  ["time, UTC", (p) => clock(p[0])],
  ["win rate", (p) => percent(p[1])],
  ["of the last", (p) => number(p[2])],
], sampled(points), "No strike has settled yet.");

const reliabilityTable = (bins) => table("Claimed against delivered", [
  ["claimed", (b) => `${percent(b.low, 0)} to ${percent(b.high, 2)}`],
  ["settled", (b) => number(b.settled)],
  ["won", (b) => number(b.wins)],
  ["delivered", (b) => percent(b.ratio)],
  ["95 % interval", (b) => (b.settled ? `${percent(b.lower)} to ${percent(b.upper)}` : "–")],
], bins, "No model has traded yet.");

const costsTable = (steps, quote) => table("From gross to net", [
  ["step", (step) => step[0]], [quote, (step) => colored(step[1])],
], steps, "");

const gasTable = (rows) => table("Gas by action", [
  ["action", (row) => row.action],
  ["transactions", (row) => number(row.count)],
  ["mean gas of the last 100", (row) => number(row.mean)],
], rows, "No transaction was mined yet.");

const outcomesTable = (rows) => table("Transactions by outcome, predictions by decision", [
  ["", (row) => row[0]], ["what", (row) => row[1], "text"], ["count", (row) => number(row[2])],
], rows, "No transaction was sent through the executor yet, and no prediction was seen.");

function openTable(rows, now, quote) {
  const isLong = (row) => /Long/.test(row.signal);
  const move = (row) => (row.oracle && row.entry ? (row.oracle / row.entry - 1) * (isLong(row) ? 1 : -1) : null);
  return table("Open strikes", [
    ["strike", (row) => `#${row.id}`],
    ["signal", (row) => signalTag(row.signal), "text"],
    ["market", (row) => row.market, "text"],
    ["confidence", (row) => percent(row.confidence, 2), ""],
    [`size, ${quote}`, (row) => number(row.notional), ""],
    ["entry", (row) => number(row.entry, 2), ""],
    ["oracle", (row) => number(row.oracle, 2), ""],
    [`unrealised, ${quote}`, (row) => (row.unrealised === null ? "–" : colored(row.unrealised))],
    ["stop-loss … take-profit", (row) => (move(row) === null ? "no price" : drawPosition(row, move(row))), "text"],
    ["due", (row) => (row.due === "NotYet" ? `in ${duration(Math.max(row.due_at - now, 0))}` : words(row.due)), "text"],
  ], rows, "No strike is open.", "stack");
}

const closedTable = (rows, quote) => table("Last settled strikes", [
  ["strike", (row) => `#${row.id}`],
  ["signal", (row) => signalTag(row.signal), "text"],
  ["confidence", (row) => percent(row.confidence, 2), "hide-narrow"],
  ["result", (row) => h("span", { class: `tag ${row.result === "win" ? "good" : "bad"}` }, row.result), "text"],
  [`P&L, ${quote}`, (row) => colored(row.pnl)],
  ["open for", (row) => duration(row.settled_at - row.opened_at), "hide-narrow"],
], rows, "No strike has settled yet.");

const scoreTable = (caption, rows, quote, more = []) => table(caption, [
  ["", (row) => words(row.name)],
  ["settled", (row) => number(row.settled)],
  ["won", (row) => number(row.wins), "hide-narrow"],
  ["win rate", (row) => percent(row.settled ? row.wins / row.settled : null)],
  [`net, ${quote}`, (row) => colored(row.pnl)],
  ...more,
], rows, "Nothing yet.");

const stagesTable = (rows) => table("Stages of a transaction", [
  ["stage", (row) => row.stage],
  ["transactions", (row) => number(row.count)],
  ["median", (row) => duration(row.median)],
  ["95 % under", (row) => duration(row.tail)],
], rows, "No transaction was sent through the executor yet.");

const arbitrageTable = (rows) => table("Arbitrage by token", [
  ["token", (row) => row.token],
  ["executed", (row) => number(row.executed)],
  ["profit", (row) => colored(row.profit, 4)],
  ["best", (row) => signed(row.best, 4), "hide-narrow"],
  ["volume", (row) => number(row.volume, 2)],
], rows, "No token has a cap: arbitrage is off.");

const verdictClass = { pass: "good", fail: "bad", "not yet": "warn" };

const checksTable = (rows) => table("Checks after the deployment", [
  ["check", (row) => row.name],
  ["verdict", (row) => h("span", { class: `tag ${verdictClass[row.verdict]}` }, row.verdict), "text"],
  ["measured", (row) => row.measured, "text long"],
  ["wanted", (row) => row.wanted, "text long"],
], rows, "", "stack");

const statusClass = { firing: "bad", cleared: "good", halted: "bad", paused: "warn", reducing: "warn", running: "good" };

const historyTable = (rows) => table("Alerts and changes of state", [
  ["time, UTC", (row) => clock(row.at)],
  ["what", (row) => (row.kind === "alert" ? alertName(row.name) : words(row.name)), "text"],
  ["now", (row) => h("span", { class: `tag ${statusClass[row.value] || ""}` }, row.value), "text"],
  ["why", (row) => row.cause || "–", "text long"],
], rows, "Nothing has changed yet.", "stack");

function botsTable(bots) {
  const most = Math.max(...bots.map((bot) => Math.abs(bot.pnl)), 1e-9);
  const strategies = [...new Set(bots.map((bot) => bot.strategy))];
  const cell = (bot) => {
    const kind = bot.pnl > 0 ? "gain" : bot.pnl < 0 ? "loss" : "";
    const locked = bot.locked ? `, ${number(bot.locked)} in open strikes` : "";
    const made = h("td", { class: kind, title: `equity ${number(bot.equity, 2)}${locked}, risk ${percent(bot.risk, 2)} a strike` },
      h("b", {}, signed(bot.pnl, Math.abs(bot.pnl) < 100 ? 1 : 0)),
      h("small", {}, amount(bot.equity)));
    made.style.setProperty("--depth", `${10 + Math.round((50 * Math.abs(bot.pnl)) / most)}%`);
    return made;
  };
  const head = h("tr", {}, h("th", { scope: "col" }, ""), ...[1, 2, 3, 4, 5].map((i) => h("th", { scope: "col" }, `bot ${i}`)));
  const rows = strategies.map((strategy) => h("tr", {},
    h("th", { scope: "row" }, words(strategy)), ...bots.filter((bot) => bot.strategy === strategy).map(cell)));
  return h("table", { class: "bots", "aria-label": "What strikes did to each bot, and its equity" }, h("thead", {}, head), h("tbody", {}, ...rows));
}
