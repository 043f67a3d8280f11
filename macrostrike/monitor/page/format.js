"use strict";
// Numbers and times as people read them, and elements without a string of HTML.

const SVG = "http://www.w3.org/2000/svg";

function element(namespace, tag, attributes, children) {
  const made = namespace ? document.createElementNS(namespace, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) {
    if (child !== null && child !== undefined) made.append(child);
  }
  return made;
}

const h = (tag, attributes, ...children) => element(null, tag, attributes, children);
const s = (tag, attributes, ...children) => element(SVG, tag, attributes, children);
const byId = (id) => document.getElementById(id);

const formats = new Map();
function number(value, digits = 0) {
  if (value === null || value === undefined) return "–";
  if (!formats.has(digits)) {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formats.set(digits, new Intl.NumberFormat("en-US", options));
  }
  const text = formats.get(digits).format(value);
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}

const percent = (value, digits = 1) =>
  value === null || value === undefined ? "–" : `${number(100 * value, digits)}\u00a0%`;

function signed(value, digits = 2) {
  if (value === null || value === undefined) return "–";
  const text = number(Math.abs(value), digits);
  if (!/[1-9]/.test(text)) return text;
  return value > 0 ? `+${text}` : `−${text}`;
}

const signedPercent = (value, digits = 2) =>
  value === null || value === undefined ? "–" : `${signed(100 * value, digits)}\u00a0%`;

const colorOf = (value) => (value > 0 ? "good" : value < 0 ? "bad" : "");

function amount(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${number(value / 1e6, 2)} M`;
  if (size >= 1e5) return `${number(value / 1e3, 0)} k`;
  return number(value, size < 100 ? 2 : 0);
}

const two = (value) => String(value).padStart(2, "0");

function clock(seconds, withDate = true) {
  if (!seconds) return "–";
  const date = new Date(seconds * 1000);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return withDate ? `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${time}` : time;
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 0.995) return `${number(seconds * 1000, seconds < 0.01 ? 1 : 0)}\u00a0ms`;
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${number(seconds / 86400, 1)} days`;
}

// StrongLong -> Strong long
const words = (name) => {
  const spaced = name.replace(/([a-z])([A-Z])/g, "$1 $2");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
};

// WinRateLow{operator="0"} -> Win rate low, operator 0
const alertName = (key) => {
  const [rule, rest] = key.split("{");
  const label = rest ? `, ${rest.replace(/["}]/g, "").replace("=", " ")}` : "";
  return words(rule) + label;
};
