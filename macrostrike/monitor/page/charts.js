// Charts in SVG, at the width that there is: text keeps its size.

const empty = (text) => h("p", { class: "empty" }, text);

function scale(from, to, start, end) {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

function ticks(from, to, count) {
  const rough = (to - from) / Math.max(count, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let at = Math.ceil(from / step - 1e-9) * step; at <= to + step * 1e-9; at += step) found.push(at);
  return found;
}

function frame(host, height, label, draw) {
  const width = Math.max(host.clientWidth, 240);
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label });
  draw(svg, width);
  host.replaceChildren(svg);
  return svg;
}

function path(points, x, y) {
  return points.map((p, i) => `${i ? "L" : "M"}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join("");
}

function yAxis(svg, y, values, left, right, format) {
  for (const value of values) {
    svg.append(
      s("line", { class: "gridline", x1: left, x2: right, y1: y(value), y2: y(value) }),
      s("text", { class: "axis", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, format(value)),
    );
  }
}

function timeAxis(svg, x, from, to, width, bottom) {
  const count = Math.min(Math.max(Math.floor(width / 120), 1), 7);
  const withDate = to - from > 86400;
  for (let i = 0; i <= count; i++) {
    const at = from + ((to - from) * i) / count;
    const anchor = i === 0 ? "start" : i === count ? "end" : "middle";
    svg.append(s("text", { class: "axis", x: x(at), y: bottom + 16, "text-anchor": anchor }, clock(at, withDate)));
  }
}

// A cross that follows the pointer or the arrow keys, with the figures beside it.
function crosshair(host, svg, points, x, place, describe) {
  const cross = s("line", { class: "cross", y1: place.top, y2: place.bottom, visibility: "hidden" });
  const tip = h("div", { class: "tip", role: "status", hidden: true });
  svg.append(cross);
  host.append(tip);
  svg.setAttribute("tabindex", "0");
  let index = -1;
  const show = (wanted) => {
    index = Math.min(Math.max(wanted, 0), points.length - 1);
    const at = x(points[index][0]);
    cross.setAttribute("x1", at);
    cross.setAttribute("x2", at);
    cross.setAttribute("visibility", "visible");
    tip.replaceChildren(...describe(points[index]).map((line) => h("div", {}, line)));
    tip.hidden = false;
    const room = host.clientWidth - tip.offsetWidth - 4;
    tip.style.left = `${Math.max(Math.min(at + 10, room), 0)}px`;
    tip.style.top = `${place.top + 4}px`;
  };
  const hide = () => {
    tip.hidden = true;
    cross.setAttribute("visibility", "hidden");
  };
  const nearest = (position) => {
    let best = 0;
    points.forEach((point, i) => {
      if (Math.abs(x(point[0]) - position) < Math.abs(x(points[best][0]) - position)) best = i;
    });
    return best;
  };
  svg.addEventListener("pointermove", (event) => show(nearest(event.clientX - svg.getBoundingClientRect().left)));
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && show(points.length - 1));
  svg.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 };
    if (event.key === "Escape") hide();
    if (!(event.key in steps)) return;
    event.preventDefault();
    show((index < 0 ? points.length - 1 : index) + steps[event.key]);
  });
}

function drawEquity(host, points, quote) {
  if (points.length < 2) return host.replaceChildren(empty("No strike has changed the books yet."));
  const drop = (p) => (p[2] ? Math.max(1 - p[1] / p[2], 0) : 0);
  const last = points[points.length - 1];
  const label = `Equity ${number(last[1])} ${quote}, high-water mark ${number(last[2])}, drawdown ${percent(drop(last), 2)}`;
  let x;
  const place = { top: 8, bottom: 300 };
  const svg = frame(host, 324, `${label}. Arrow keys read point by point.`, (svg, width) => {
    const left = 64, right = width - 8, split = 215;
    x = scale(points[0][0], last[0], left, right);
    const values = points.flatMap((p) => [p[1], p[2]]);
    const low = Math.min(...values), high = Math.max(...values), room = (high - low || high * 0.01 || 1) * 0.08;
    const y = scale(low - room, high + room, split, place.top);
    yAxis(svg, y, ticks(low - room, high + room, 4), left, right, (v) => axisAmount(v, high - low));
    svg.append(
      s("path", { class: "area", d: `${path(points, x, y)}L${x(last[0])} ${split}L${left} ${split}Z` }),
      s("path", { class: "curve second", d: path(points.map((p) => [p[0], p[2]]), x, y) }),
      s("path", { class: "curve", d: path(points, x, y) }),
      s("circle", { class: "dot", cx: x(last[0]), cy: y(last[1]), r: 4.5 }),
    );
    const drops = points.map((p) => [p[0], drop(p)]);
    const deepest = Math.max(...drops.map((p) => p[1]), 0.001) * 1.1;
    const down = scale(0, deepest, split + 26, place.bottom);
    svg.append(s("text", { class: "axis", x: left, y: split + 18 }, "drawdown from the high-water mark (dashed)"));
    const marks = ticks(0, deepest, 2);
    yAxis(svg, down, marks, left, right, (v) => percent(v, marks[1] < 0.01 ? 2 : 0));
    svg.append(
      s("path", { class: "area loss", d: `${path(drops, x, down)}L${x(last[0])} ${down(0)}L${left} ${down(0)}Z` }),
      s("path", { class: "curve loss", d: path(drops, x, down) }),
    );
    timeAxis(svg, x, points[0][0], last[0], right - left, place.bottom);
  });
  return crosshair(host, svg, points, x, place, (p) => [
    `${clock(p[0])} UTC`, `equity ${number(p[1], 2)} ${quote}`, `drawdown ${percent(drop(p), 2)}`,
  ]);
}

const axisAmount = (value, span) =>
  span < 1000 ? number(value, span < 10 ? 2 : 0) : `${number(value / 1000, span < 20000 ? 1 : 0)} k`;

function drawWinRate(host, points) {
  if (!points.length) return host.replaceChildren(empty("Fewer than 20 strikes have settled yet."));
  const last = points[points.length - 1];
  const limits = [[0.93, "target 93 %", "good"], [0.9, "warning 90 %", "warn"], [0.85, "critical 85 %", "bad"]];
  const place = { top: 10, bottom: 200 };
  let x;
  const label = `Win rate ${percent(last[1])} of the last ${last[2]} strikes; target 93 %, warning 90 %, critical 85 %`;
  const svg = frame(host, 224, `${label}. Arrow keys read point by point.`, (svg, width) => {
    const left = 44, right = width - 8;
    const low = Math.max(Math.min(0.82, ...points.map((p) => p[1])) - 0.02, 0);
    const y = scale(low, 1, place.bottom, place.top);
    x = scale(points[0][0], last[0], left, right);
    yAxis(svg, y, ticks(low, 1, 4), left, right, (v) => percent(v, 0));
    svg.append(s("path", { class: "curve", d: path(points, x, y) }), s("circle", { class: "dot", cx: x(last[0]), cy: y(last[1]), r: 4.5 }));
    // A limit's name is above it, but where the curve is: then below.
    const beside = points.filter((p) => x(p[0]) < left + 96).map((p) => y(p[1]));
    for (const [value, text, kind] of limits) {
      const at = y(value), isCrossed = beside.some((height) => height > at - 18 && height <= at + 2);
      svg.append(
        s("line", { class: `limit ${kind}`, x1: left, x2: right, y1: at, y2: at }),
        s("text", { class: `limit-text ${kind}`, x: left + 6, y: isCrossed ? at + 13 : at - 4 }, text),
      );
    }
    timeAxis(svg, x, points[0][0], last[0], right - left, place.bottom);
  });
  return crosshair(host, svg, points, x, place, (p) => [`${clock(p[0])} UTC`, `${percent(p[1])} of the last ${p[2]}`]);
}

function drawReliability(host, bins) {
  const seen = bins.filter((bin) => bin.settled);
  if (!seen.length) return host.replaceChildren(empty("No strike has settled yet."));
  const label = `Claimed against delivered in ${seen.length} confidence bins`;
  return frame(host, 300, label, (svg, width) => {
    const left = 44, right = width - 14, top = 10, bottom = 262;
    // Bins of a few strikes have intervals that would press all others together: theirs are cut off.
    const many = seen.filter((bin) => bin.settled >= 10);
    const low = Math.max(Math.floor((Math.min(0.85, ...many.map((b) => b.lower), ...seen.map((b) => b.ratio)) - 0.01) * 20) / 20, 0);
    const x = scale(0.928, 1.002, left, right), y = scale(low, 1, bottom, top);
    yAxis(svg, y, ticks(low, 1, 5), left, right, (v) => percent(v, 0));
    for (let at = 93; at <= 100; at++) {
      svg.append(s("text", { class: "axis", x: x(at / 100), y: bottom + 16, "text-anchor": "middle" }, `${at}`));
    }
    svg.append(
      s("text", { class: "axis", x: (left + right) / 2, y: bottom + 33, "text-anchor": "middle" }, "claimed confidence, %"),
      s("line", { class: "diagonal", x1: x(0.93), y1: y(0.93), x2: x(1), y2: y(1) }),
    );
    for (const bin of seen) {
      const at = x((bin.low + bin.high) / 2), isOff = bin.upper < bin.low;
      const radius = Math.min(3.5 + Math.sqrt(bin.settled) / 4, 9);
      const text = `${percent(bin.low, 0)} to ${percent(bin.high, 2)}: ${bin.wins} of ${bin.settled} won, ` +
        `${percent(bin.ratio)} (${percent(bin.lower)} to ${percent(bin.upper)})`;
      svg.append(s("g", { class: isOff ? "off" : "" },
        s("title", {}, text),
        s("line", { class: "whisker", x1: at, x2: at, y1: y(Math.max(bin.lower, low)), y2: y(bin.upper) }),
        bin.lower < low ? null : s("line", { class: "whisker", x1: at - 5, x2: at + 5, y1: y(bin.lower), y2: y(bin.lower) }),
        s("line", { class: "whisker", x1: at - 5, x2: at + 5, y1: y(bin.upper), y2: y(bin.upper) }),
        s("circle", { class: "point", cx: at, cy: y(bin.ratio), r: radius })));
    }
  });
}

// Each step: [name, value, is a total]. Others change what stands before them.
function drawWaterfall(host, steps, quote) {
  const label = steps.map(([name, value]) => `${name} ${signed(value)} ${quote}`).join(", ");
  return frame(host, 224, label, (svg, width) => {
    const left = 4, right = width - 4, top = 24, bottom = 190;
    let level = 0;
    const bars = steps.map(([name, value, isTotal]) => {
      const from = isTotal ? 0 : level;
      level = isTotal ? value : level + value;
      return { name, value, from, to: level };
    });
    const values = bars.flatMap((bar) => [bar.from, bar.to, 0]);
    const low = Math.min(...values), high = Math.max(...values);
    const y = scale(low, high, low < 0 ? bottom - 16 : bottom, top);
    const slot = (right - left) / bars.length, thick = Math.min(slot * 0.6, 64);
    svg.append(s("line", { class: "gridline", x1: left, x2: right, y1: y(0), y2: y(0) }));
    bars.forEach((bar, i) => {
      const middle = left + slot * (i + 0.5), a = y(Math.max(bar.from, bar.to)), b = y(Math.min(bar.from, bar.to));
      const kind = bar.value < 0 ? "bad" : steps[i][2] ? "" : "good";
      const below = bar.value < 0 && steps[i][2];
      svg.append(
        s("rect", { class: `bar ${kind}`, x: middle - thick / 2, y: a, width: thick, height: Math.max(b - a, 1.5), rx: 2 }),
        s("text", { class: "label", x: middle, y: below ? b + 14 : a - 6, "text-anchor": "middle" }, signed(bar.value, Math.abs(bar.value) < 1000 ? 2 : 0)),
        s("text", { class: "axis", x: middle, y: bottom + 22, "text-anchor": "middle" }, bar.name),
      );
      if (i + 1 < bars.length) {
        svg.append(s("line", { class: "joint", x1: middle + thick / 2, x2: middle + slot - thick / 2, y1: y(bar.to), y2: y(bar.to) }));
      }
    });
  });
}

// Horizontal bars: [name, value, text, kind].
function drawBars(host, rows, label) {
  if (!rows.length) return host.replaceChildren(empty("No transaction was mined yet."));
  const step = 38;
  return frame(host, rows.length * step + 4, label, (svg, width) => {
    const x = scale(0, Math.max(...rows.map((row) => row[1])) || 1, 0, width);
    rows.forEach(([name, value, text, kind], i) => {
      const top = i * step;
      svg.append(
        s("text", { class: "label", x: 0, y: top + 13 }, name),
        s("text", { class: "label quiet", x: width, y: top + 13, "text-anchor": "end" }, text),
        s("rect", { class: "bar track", x: 0, y: top + 19, width, height: 8, rx: 4 }),
        s("rect", { class: `bar ${kind}`, x: 0, y: top + 19, width: Math.max(x(value), 3), height: 8, rx: 4 }),
      );
    });
  });
}

// Where a strike stands between its stop-loss and its take-profit.
function drawPosition(strike, move) {
  const width = 132, height = 18, middle = height / 2;
  const x = scale(-strike.stop_loss || -0.01, strike.take_profit || 0.01, 4, width - 4);
  const at = Math.min(Math.max(x(move), 4), width - 4), zero = x(0);
  const text = `${signedPercent(move)} between stop-loss −${percent(strike.stop_loss, 2)} and take-profit +${percent(strike.take_profit, 2)}`;
  return s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": text },
    s("title", {}, text),
    s("rect", { class: "bar track", x: 4, y: middle - 3, width: width - 8, height: 6, rx: 3 }),
    s("rect", { class: `bar ${move < 0 ? "bad" : "good"}`, x: Math.min(at, zero), y: middle - 3, width: Math.abs(at - zero), height: 6 }),
    s("line", { class: "cross", x1: zero, x2: zero, y1: 2, y2: height - 2 }),
    s("circle", { class: "dot", cx: at, cy: middle, r: 4.5 }));
}
