"use strict";
/* Shared by all pages: data, colours, and charts that follow the page's width and colour scheme. */

const hipform = (() => {
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const root = document.documentElement;
  const charts = [];

  /** Colour with this name in page.css, in the current colour scheme. */
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

  /** *text* in the language of the page, with *values* in its braces. */
  const say = (text, values = {}) => (data.texts?.[text] ?? text).replace(/\{(\w+)\}/g, (_whole, name) => values[name]);

  /** *text* within a sentence: an English word loses its capital there, a German noun does not. */
  const inSentence = (text) => (root.lang === "en" ? text.toLowerCase() : text);

  /** A number as the language of the page writes it, with at most and at least so many decimals. */
  const decimal = (value, most, least = 0) =>
    value.toLocaleString(root.lang, { maximumFractionDigits: most, minimumFractionDigits: least, useGrouping: false });

  /** The same colour, translucent: page.css states all chart colours as #rrggbb. */
  const tint = (name, alpha) => color(name) + Math.round(alpha * 255).toString(16).padStart(2, "0");

  const font = () => `12px ${getComputedStyle(document.body).fontFamily}`;

  /** An axis in the page's colours; *options* take precedence. */
  const axis = (options) => ({
    stroke: () => color("muted"),
    font: font(),
    grid: { stroke: () => color("grid"), width: 1 },
    ticks: { stroke: () => color("grid"), width: 1, size: 4 },
    gap: 4,
    ...options,
  });

  /** Draw a chart as wide as its element, and keep its width in sync. */
  function chart(place, options, values) {
    const width = () => Math.max(200, Math.floor(place.clientWidth));
    const plot = new uPlot({ legend: { show: false }, ...options, width: width() }, values, place);
    charts.push(plot);
    new ResizeObserver(() => {
      if (place.clientWidth > 0 && width() !== plot.width) plot.setSize({ width: width(), height: plot.height });
    }).observe(place);
    return plot;
  }

  const redraw = () => charts.forEach((plot) => plot.redraw(false, true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  // A link to a folded part, or to something in it, opens it.
  const unfold = (target) => {
    for (let part = target?.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
  };
  const toHash = () => unfold(location.hash ? document.getElementById(location.hash.slice(1)) : null);
  addEventListener("hashchange", toHash);
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link) unfold(document.getElementById(link.hash.slice(1)));
  });
  toHash();

  // Canvases keep the colours they were drawn in: print needs those of the light scheme. What is folded inside an open
  // part cannot be unfolded on paper.
  let folded = [];
  addEventListener("beforeprint", () => {
    root.classList.add("on-paper");
    folded = [...document.querySelectorAll("details:not([open]):not(.fold)")];
    folded.forEach((part) => { part.open = true; });
    redraw();
  });
  addEventListener("afterprint", () => {
    root.classList.remove("on-paper");
    folded.forEach((part) => { part.open = false; });
    redraw();
  });

  return { data, say, inSentence, decimal, color, tint, font, axis, chart, unfold };
})();
