"use strict";
/* The charts of the progress page. All times are noon UTC, so that the day is the same in every time zone. */

(() => {
  const { data, color, tint, axis, chart } = hipform;
  const DAY_S = 86400;
  const utc = (t_s) => uPlot.tzDate(new Date(t_s * 1000), "Etc/UTC");
  const dayName = (t_s) => new Date(t_s * 1000).toLocaleDateString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { day: "numeric", month: "short", timeZone: "UTC" });

  const dayAxis = () => axis({
    incrs: [1, 2, 7, 14, 28, 56, 112, 224, 365].map((days) => days * DAY_S),
    values: (_, splits) => splits.map(dayName),
    space: 64,
  });

  /** Range from the first to the last day, with a margin on both sides. */
  const dayRange = (_, first, last) => {
    const room = Math.max(DAY_S, 0.03 * (last - first));
    return [first - room, last + room];
  };

  const base = (height) => ({ height, tzDate: utc, cursor: { show: false }, padding: [10, 24, 0, 0] });

  function weeks(place, [mondays, counts]) {
    const [low, high] = data.advised;
    const shade = (plot) => {
      const { left, width } = plot.bbox;
      const top = plot.valToPos(high, "y", true);
      plot.ctx.fillStyle = tint("ok", 0.16);
      plot.ctx.fillRect(left, top, width, plot.valToPos(low, "y", true) - top);
    };
    // An empty week at both ends keeps bars clear of the edges, even if there is only one.
    const week = 7 * DAY_S;
    const days = [mondays[0] - week, ...mondays, mondays.at(-1) + week];
    /** Mondays to label: as many as fit. */
    const named = (plot) => mondays.filter((_, i) => i % Math.ceil(days.length * 64 / plot.width) === 0);
    chart(place, {
      ...base(190),
      hooks: { drawAxes: [shade] },
      scales: { y: { range: (_, __, most) => [0, Math.max(high + 1, most + 0.5)] } },
      axes: [{ ...dayAxis(), splits: named }, axis({ incrs: [1, 2, 5, 10], size: 32 })],
      series: [{}, {
        stroke: () => color("hip"), fill: () => tint("hip", 0.75), width: 1,
        paths: uPlot.paths.bars({ size: [0.7, 40] }), points: { show: false },
      }],
    }, [days, [null, ...counts, null]]);
  }

  const line = (name) => ({ stroke: () => color(name), width: 2, spanGaps: true, points: { show: true, size: 7, fill: () => color("card") } });
  const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };

  /** Values with their intervals; `mark` is the level of a line to draw. */
  function banded(place, days, [values, low, high], name, mark) {
    const level = (plot) => {
      const y = plot.valToPos(mark, "y", true);
      const { left, top, width, height } = plot.bbox;
      if (y < top || y > top + height) return;
      plot.ctx.strokeStyle = color("muted");
      plot.ctx.setLineDash([6, 5]);
      plot.ctx.beginPath();
      plot.ctx.moveTo(left, y);
      plot.ctx.lineTo(left + width, y);
      plot.ctx.stroke();
      plot.ctx.setLineDash([]);
    };
    chart(place, {
      ...base(220),
      hooks: { drawAxes: [level] },
      bands: [{ series: [3, 2], fill: () => tint(name, 0.2) }],
      scales: { x: { range: dayRange }, y: { range: (_, least, most) => [Math.min(least, mark) - 2, Math.max(most, mark) + 2] } },
      axes: [dayAxis(), axis({ values: (_, splits) => splits.map((value) => `${value}°`), size: 48 })],
      series: [{}, line(name), edge, edge],
    }, [days, values, low, high]);
  }

  function plain(place, days, values, name, range) {
    chart(place, {
      ...base(220),
      scales: { x: { range: dayRange }, y: { range } },
      axes: [dayAxis(), axis({ size: 48 })],
      series: [{}, line(name)],
    }, [days, values]);
  }

  /** Points of speed over load, and the line through them to the estimate. */
  function speeds(place, [loads, measured, line]) {
    chart(place, {
      ...base(220),
      scales: {
        x: { time: false, range: (_, least, most) => [least - 0.05 * most, 1.05 * most] },
        y: { range: (_, __, most) => [0, 1.1 * most] },
      },
      axes: [axis({ space: 48 }), axis({ size: 48 })],
      series: [
        {},
        { stroke: () => color("knee"), width: 0, paths: () => null, points: { show: true, size: 9, fill: () => color("knee") } },
        { stroke: () => color("hip"), width: 2, points: { show: false } },
      ],
    }, [loads, measured, line]);
  }

  const draw = {
    weeks: (place, athlete) => weeks(place, athlete.weeks),
    lockout: (place, _, one) => banded(place, one.days, one.lockout, "hip", 180),
    lumbar: (place, _, one) => banded(place, one.days, one.lumbar, "back", 0),
    rate: (place, _, one) => plain(place, one.days, one.rate, "ok", () => [0, 105]),
    load: (place, _, one) => plain(place, one.days, one.load, "knee", (_plot, least, most) => [0, 1.1 * most]),
    speed: (place, _, one) => speeds(place, one.speed),
  };

  for (const place of document.querySelectorAll("[data-chart]")) {
    const athlete = data.athletes[place.dataset.athlete];
    draw[place.dataset.chart](place, athlete, athlete.exercises[place.dataset.exercise]);
  }
})();
