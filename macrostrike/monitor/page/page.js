// What is shown, from one document to the next. A part is drawn again when its own data change.

let shown = null;
let receivedAt = 0;
let chosenModel = "all";
const drawn = new Map();

// Draws into the element of that id, unless the data and the width are what they were.
function part(id, data, draw) {
  const host = byId(id);
  const key = JSON.stringify(data) + host.clientWidth;
  if (drawn.get(id) === key) return;
  drawn.set(id, key);
  const made = draw(host);
  if (made instanceof Node && made.parentNode === null) host.replaceChildren(made);
}

function note(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function tile(title, value, unit, ...details) {
  return h("div", { class: "tile" },
    h("dt", {}, title),
    h("dd", { class: "value" }, value, unit ? " " : null, unit ? h("small", {}, unit) : null),
    h("dd", { class: "note" }, ...details));
}

const strong = (text, kind) => h("span", { class: kind }, text);

const whole = (value) => number(value, Math.abs(value) < 1e4 ? 2 : 0);

function rateKind(rate) {
  if (rate === null || rate === undefined) return "";
  return rate < 0.85 ? "bad" : rate < 0.9 ? "warn" : "good";
}

function tiles(view) {
  const f = view.headline, quote = view.deployment.quote;
  const growth = f.growth_day === undefined || f.growth_day === null ? [`reserve ${amount(f.reserve)}`]
    : [strong(signedPercent(f.growth_day), colorOf(f.growth_day)), " day, ", strong(signedPercent(f.growth_week), colorOf(f.growth_week)), " week"];
  return [
    tile("Equity", whole(f.equity), quote, ...growth),
    tile("P&L of strikes", strong(signed(f.pnl, Math.abs(f.pnl) < 1e3 ? 2 : 0), colorOf(f.pnl)), quote, `best ${signed(f.best, 0)}, worst ${signed(f.worst, 0)}`),
    tile("Win rate, last 100", strong(percent(f.recent_win_rate), rateKind(f.recent_settled >= 20 ? f.recent_win_rate : null)), null,
      `target 93\u00a0%; all ${number(f.settled)}: ${percent(f.win_rate)}`),
    tile("Drawdown", strong(percent(f.drawdown, 2), f.drawdown > 0.1 ? "bad" : f.drawdown > 0.05 ? "warn" : ""), null, "the breaker is at 10 %"),
    tile("Open strikes", number(f.open), null, strong(signed(f.unrealised), colorOf(f.unrealised)), ` ${quote} unrealised`),
    tile("Execution time", duration(f.execution_seconds), null, `p95 ${duration(f.execution_tail_seconds)}; target 100\u00a0ms`),
    tile("Error rate", strong(percent(f.error_rate, 2), f.error_rate > 0.02 ? "bad" : f.error_rate > 0.01 ? "warn" : ""), null, "of the last 100; target under\u00a01\u00a0%"),
    tile("Gas price", strong(number(f.gas_price_gwei, f.gas_price_gwei < 10 ? 2 : 0), f.gas_price_gwei > 200 ? "warn" : ""), "gwei", "warning at 200"),
  ];
}

// Made anew when alerts begin or end. Their figures change in place, which is not read out each time.
function showAlerts(alerts, now) {
  part("alerts", alerts.map((alert) => [alert.key, alert.since]), (host) => host.replaceChildren(...alerts.map((alert) =>
    h("div", { class: `alert ${alert.severity}` },
      h("strong", {}, `${words(alert.severity)}: ${alertName(alert.key)}`),
      h("span", {}, alert.text),
      h("div", { class: "quiet" }, "–")))));
  alerts.forEach((alert, i) => {
    const [, text, more] = byId("alerts").children[i].children;
    text.firstChild.data = alert.text;
    more.firstChild.data = `for ${duration(now - alert.since)}, since ${clock(alert.since)} UTC. To do: ${alert.remedy}.`;
  });
}

// The last block's time beside this machine's: a local chain's may be of recorded minutes.
const beside = (ahead) => (ahead > 60 ? `, the chain's clock is ${duration(ahead)} ahead of this machine's` : `, ${duration(Math.max(-ahead, 0))} old`);

function showHead(view) {
  const pill = byId("health");
  pill.dataset.status = view.health.status;
  note("health", view.health.status);
  pill.title = view.health.reasons.join("; ");
  if (!view.deployment) {
    note("deployment", view.health.reasons.join("; "));
    return;
  }
  const d = view.deployment;
  note("deployment", `${d.name} on ${d.network} (chain ${d.chain_id}), block ${number(d.block)}${beside(d.block_time - view.at)}`);
  byId("state").hidden = false;
  note("state", `loop: ${view.state.word || "not running"}`);
  byId("state").title = view.state.reason;
  note("build", `MacroStrike ${view.version}, build ${d.build}, diamond ${d.diamond}. Gate at ${percent(d.threshold, 2)}.`);
}

function showModels(bins) {
  const models = [...new Set(bins.map((bin) => bin.model))];
  byId("model-pick").hidden = models.length < 3;
  part("model", models, (host) => host.replaceChildren(...models.map((model) =>
    h("option", { value: model ?? "all", selected: String(model ?? "all") === chosenModel }, model === null ? "all" : String(model)))));
  const own = bins.filter((bin) => String(bin.model ?? "all") === chosenModel);
  part("reliability", own, (host) => drawReliability(host, own));
  part("reliability-table", own, () => reliabilityTable(own));
}

const decisionKinds = { struck: "good", pending: "info", skipped: "plain", refused: "warn", expired: "plain" };
const outcomeKinds = { confirmed: "good", "already there": "info", replaced: "plain", rejected: "warn", foreign: "bad", unknown: "bad" };

function showSending(view) {
  const gas = [...view.gas].sort((a, b) => b.count - a.count);
  const trading = gas.filter((row) => /^(execute|settle|roll|rebalance|take)/.test(row.action));
  const top = (trading.length ? trading : gas).slice(0, 5).map((row) => [row.action, row.mean, `${number(row.mean)} gas, ${number(row.count)} ×`, ""]);
  part("gas", top, (host) => drawBars(host, top, `Mean gas: ${top.map((row) => `${row[0]} ${row[2]}`).join("; ")}`));
  part("gas-table", gas, () => gasTable(gas));
  note("gas-note", "mean of each action's last 100 transactions");
  const t = view.transactions, outcomes = Object.entries(t.outcomes);
  const all = outcomes.reduce((sum, row) => sum + row[1], 0);
  const bars = outcomes.map(([name, count]) => [name, count, `${number(count)} (${percent(count / all)})`, outcomeKinds[name] || ""]);
  part("sent", bars, (host) => (bars.length ? drawBars(host, bars, `Outcomes: ${bars.map((row) => `${row[0]} ${row[2]}`).join("; ")}`)
    : host.replaceChildren(empty("No transaction was sent through the executor yet."))));
  const decisions = Object.entries(view.predictions.decisions), seen = decisions.reduce((sum, row) => sum + row[1], 0);
  const decided = decisions.map(([name, count]) => [name, count, `${number(count)} (${percent(count / seen)})`, decisionKinds[name] || ""]);
  part("decided", decided, (host) => (decided.length ? drawBars(host, decided, `Decisions: ${decided.map((row) => `${row[0]} ${row[2]}`).join("; ")}`)
    : host.replaceChildren(empty("No prediction was seen yet."))));
  const reasons = Object.entries(view.predictions.reasons).map(([name, count]) => `${words(name)} ${number(count)}`);
  note("decided-note", reasons.length ? `not struck: ${reasons.join(", ")}` : "");
  const rows = [...outcomes.map((row) => ["transactions", ...row]), ...decisions.map((row) => ["predictions", ...row])];
  part("sent-table", rows, () => outcomesTable(rows));
  const waiting = t.pending ? `, ${t.pending} wait, the oldest for ${duration(t.oldest_seconds)}` : "";
  note("sent-note", `${number(t.mined)} mined${waiting}`);
}

function showMoney(view) {
  const quote = view.deployment.quote, f = view.headline, costs = view.costs;
  part("equity", view.equity, (host) => drawEquity(host, view.equity, quote));
  part("equity-table", view.equity, () => equityTable(view.equity, quote));
  note("equity-note", `of the 25 bots, in ${quote}; ${number(f.reserve, 2)} more in the reserve`);
  part("win", view.win_rate, (host) => drawWinRate(host, view.win_rate));
  part("win-table", view.win_rate, () => winTable(view.win_rate));
  note("win-note", f.settled ? `${number(f.wins)} of ${number(f.settled)} won in all; Brier score ${number(f.brier, 4)} (lower is better)` : "");
  const steps = [["gross", costs.gross, true], ["pool fees", -costs.fees, false], ["P&L", costs.pnl, true]];
  if (costs.gas !== null) steps.push(["gas", -costs.gas, false], ["net", costs.net, true]);
  part("costs", steps, (host) => drawWaterfall(host, steps, quote));
  part("costs-table", steps, () => costsTable(steps, quote));
  note("costs-note", `settled strikes, in ${quote}`);
  part("bots", view.bots, () => botsTable(view.bots));
  note("bots-note", `P&L in ${quote}, below it the bot's equity`);
}

function show(view) {
  showHead(view);
  showAlerts(view.alerts, view.now);
  if (!view.deployment) return;
  const quote = view.deployment.quote, now = view.deployment.block_time;
  part("headline", view.headline, (host) => host.replaceChildren(...tiles(view)));
  showMoney(view);
  showModels(view.bins);
  showSending(view);
  part("open", [view.open, Math.floor(now / 60)], () => openTable(view.open, now, quote));
  part("closed", view.closed, () => closedTable(view.closed, quote));
  part("signals", view.signals, () => scoreTable("Score by signal", view.signals, quote));
  const equity = [[`equity, ${quote}`, (row) => number(row.equity), "hide-narrow"]];
  part("strategies", view.strategies, () => scoreTable("Score by strategy", view.strategies, quote, equity));
  const stages = view.stages.flatMap((row) => [
    [`${row.stage}, median`, row.median, duration(row.median), ""],
    [`${row.stage}, 95 %`, row.tail, duration(row.tail), "info"],
  ]);
  part("stages", stages, (host) => (stages.length ? drawBars(host, stages, `Stages: ${stages.map((row) => `${row[0]} ${row[2]}`).join("; ")}`)
    : host.replaceChildren(empty("No transaction was sent through the executor yet."))));
  part("stages-table", view.stages, () => stagesTable(view.stages));
  part("arbitrage", view.arbitrage, () => arbitrageTable(view.arbitrage));
  part("checks", view.checks, () => checksTable(view.checks));
  part("history", view.history, () => historyTable(view.history));
}

function tick() {
  if (!shown) return;
  const age = (Date.now() - receivedAt) / 1000;
  note("fresh", age > 20 ? `no news for ${duration(age)}` : `updated ${age < 1.5 ? "now" : `${duration(age)} ago`}`);
}

const themes = ["system", "dark", "light"];

function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `◐ ${words(theme)}`;
  byId("theme").setAttribute("aria-label", `Theme: ${theme}`);
}

function remembered() {
  try {
    return localStorage.getItem("theme") || "system";
  } catch {
    return "system"; // a browser that keeps nothing
  }
}

let theme = remembered();
setTheme(theme);
byId("theme").addEventListener("click", () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  setTheme(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch { /* it is for this visit then */ }
});
byId("model").addEventListener("change", (event) => {
  chosenModel = event.target.value;
  if (shown) showModels(shown.bins);
});
addEventListener("resize", () => shown && show(shown));
setInterval(tick, 1000);

const source = new EventSource("/events");
source.onmessage = (event) => {
  shown = JSON.parse(event.data);
  receivedAt = Date.now();
  show(shown);
  tick();
};
source.onerror = () => {
  byId("health").dataset.status = "unknown";
  note("health", "connection lost, trying again");
};
