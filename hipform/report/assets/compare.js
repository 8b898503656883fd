"use strict";
/* The comparison: one slider moves the stick figures, the line on the curves and, while they are paused, the videos. */

(() => {
  const { data, say, color, tint, axis, chart } = hipform;
  const COLORS = ["hip", "knee"];
  const DASH = [7, 5];
  const slider = document.querySelector("#phase");
  if (!slider) return;
  const listeners = [];

  // ------------------------------------------------------------------------------------------------------- ghosts

  const svg = document.querySelector("[data-ghost]");
  if (svg) {
    const element = (name, parent, attributes) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
      return parent.appendChild(made);
    };
    svg.setAttribute("viewBox", data.ghost.box.join(" "));
    const figures = data.ghost.bodies.map((_body, which) => {
      const group = element("g", svg, { class: `ghost ${which ? "second" : "first"}` });
      return data.ghost.bones.map(([from, to]) => element("line", group, { class: from >= data.ghost.near ? "far" : "near-side" }));
    });
    listeners.push((phase) => data.ghost.bodies.forEach((body, which) => {
      const points = body[phase];
      data.ghost.bones.forEach(([from, to], bone) => {
        const [[x1, y1], [x2, y2]] = [points[from], points[to]];
        const seen = ![x1, y1, x2, y2].includes(null);
        const line = figures[which][bone];
        line.setAttribute("visibility", seen ? "visible" : "hidden");
        if (seen) Object.entries({ x1, y1, x2, y2 }).forEach(([key, value]) => line.setAttribute(key, value));
      });
    }));
  }

  // ------------------------------------------------------------------------------------------------------- curves

  const place = document.querySelector("[data-curves]");
  if (place) {
    const each = data.curves.flatMap((curve, which) => curve.each.map((values) => ({ values, which })));
    const head = document.createElement("div");
    head.className = "play-head";
    const putHead = (plot) => { head.style.transform = `translateX(${plot.valToPos(Number(slider.value), "x")}px)`; };
    const plot = chart(place, {
      height: 320,
      padding: [8, 24, 0, 0],
      cursor: { show: false },
      scales: { x: { time: false } },
      axes: [
        axis({ values: (_plot, ticks) => ticks.map((tick) => `${tick} %`), size: 28 }),
        axis({ values: (_plot, ticks) => ticks.map((tick) => `${tick}°`), size: 46 }),
      ],
      series: [
        {},
        ...each.map(({ which }) => ({ stroke: () => tint(COLORS[which], 0.4), width: 1, points: { show: false } })),
        ...data.curves.map((_curve, which) => ({
          stroke: () => color(COLORS[which]), width: 3, dash: which ? DASH : undefined, points: { show: false },
        })),
      ],
      hooks: { ready: [(plot) => plot.over.append(head)], setSize: [putHead] },
    }, [[...Array(101).keys()], ...each.map(({ values }) => values), ...data.curves.map((curve) => curve.mean)]);
    plot.over.addEventListener("click", (event) => {
      go(Math.round(plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x")));
    });
    listeners.push(() => putHead(plot));
  }

  // ------------------------------------------------------------------------------------------------------- videos

  const videos = [...document.querySelectorAll("video")];
  for (const video of videos) {
    const missing = () => {
      video.hidden = true;
      document.querySelector(`[data-video-missing="${video.dataset.video}"]`).hidden = false;
    };
    video.addEventListener("error", missing);
    if (video.error) missing();
  }
  listeners.push((phase) => videos.forEach((video) => {
    const [start, end] = data.spans[Number(video.dataset.video)];
    if (video.paused && !video.hidden && start !== null && end !== null) video.currentTime = start + ((end - start) * phase) / 100;
  }));

  // ------------------------------------------------------------------------------------------------------- slider

  const output = document.querySelector("[data-phase]");
  listeners.push((phase) => {
    const angles = data.curves.map((curve, which) => {
      const value = curve.mean[phase];
      const what = data.names[which];
      if (value !== null && value !== undefined) return `${what} ${Math.round(value)}°`;
      // The body drawn above is that of one rep; the figure is of all whose angles were judged.
      return curve.each.length ? say("{what} not seen in every rep", { what }) : say("{what} not known", { what });
    });
    const words = [`${phase} %`, ...angles].join(" · ");
    output.textContent = words;
    slider.setAttribute("aria-valuetext", words);
  });

  function go(phase) {
    slider.value = Math.min(Math.max(phase, 0), 100);
    listeners.forEach((listen) => listen(Number(slider.value)));
  }

  const SECONDS = 4;
  const button = document.querySelector("[data-play]");
  let startedAt = null;
  function step(now) {
    if (startedAt === null) return;
    go(Math.round((((now - startedAt) / (SECONDS * 1000)) * 100) % 101));
    requestAnimationFrame(step);
  }
  function stop() {
    startedAt = null;
    button.setAttribute("aria-pressed", "false");
  }
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  button.addEventListener("click", () => {
    if (startedAt !== null) return stop();
    button.setAttribute("aria-pressed", "true");
    startedAt = performance.now() - (Number(slider.value) / 100) * SECONDS * 1000;
    requestAnimationFrame(step);
  });
  go(50);
})();
