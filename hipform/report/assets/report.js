"use strict";
/* The report: the video and the curves below it share one play-head; charts of the set follow. */

(() => {
  const { data, say, inSentence, decimal, color, tint, axis, chart, unfold } = hipform;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const rep = (anchor) => data.reps.find((other) => other.anchor === anchor);
  const MARKS = { ok: "", fault: "✗", not_assessed: "?" };
  const DASH = [6, 5];

  // --------------------------------------------------------------------------------------------------- play-head

  const video = one("video");
  const listeners = [];
  let videoPlays = Boolean(video);
  let now = data.start;

  function show(time) {
    now = time;
    listeners.forEach((listen) => listen(time));
  }

  /** Go to a time in the clip; if there is a video, it controls the play-head. */
  function seek(time) {
    const held = Math.min(Math.max(time, data.start), data.end);
    if (videoPlays) video.currentTime = held + data.late;
    show(held);
  }

  if (video) {
    const follow = () => {
      show(video.currentTime - data.late);
      if (!video.paused) requestAnimationFrame(follow);
    };
    video.addEventListener("play", follow);
    for (const event of ["seeking", "timeupdate"]) video.addEventListener(event, () => show(video.currentTime - data.late));
    video.addEventListener("error", () => {
      videoPlays = false;
      video.hidden = true;
      one("[data-video-missing]").hidden = false;
    });
    // Captions added by script need no separate file and no exception in the page's policy.
    if (data.cues.length) {
      const track = video.addTextTrack("captions", say("Cues"), document.documentElement.lang);
      data.cues.forEach((cue) => track.addCue(new VTTCue(cue.start + data.late, cue.end + data.late, cue.text)));
    }
    // The error may have occurred before this script ran.
    if (video.error) video.dispatchEvent(new Event("error"));
  }

  // ------------------------------------------------------------------------------------------- curves over time

  const plots = [];
  const readings = data.tracks.map((track) => ({ ...track, words: inSentence(track.label.split(/[:(]/)[0].trim()) }));

  /** Range for a curve with its interval; a very wide interval, as with a frontal camera, must not flatten the curve. */
  function bounds(track) {
    const room = track.band.map((band) => Math.min(band ?? 0, 15));
    const known = track.value.flatMap((value, at) => (value === null ? [] : [value - room[at], value + room[at]]));
    const low = Math.min(...known, track.id === "hip" ? data.short - 5 : Infinity);
    const high = Math.max(...known, track.id === "hip" ? 185 : -Infinity);
    return [Math.floor(low / 10) * 10, Math.ceil(high / 10) * 10];
  }

  /** Shade the repetitions below a curve, and mark their faults above it. */
  function shadeReps(plot, withNames) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
    ctx.clip();
    for (const each of data.reps) {
      const left = plot.valToPos(each.start, "x", true);
      const right = plot.valToPos(each.end, "x", true);
      const { status } = each;
      const name = { ok: "ok", fault: "fault-line", not_assessed: "muted" }[status];
      ctx.fillStyle = tint(name, status === "fault" ? 0.16 : 0.1);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.fillStyle = color(name);
      if (status === "fault") ctx.fillRect(left, bbox.top, right - left, 3 * devicePixelRatio);
      if (withNames && right - left > 9 * devicePixelRatio) {
        ctx.font = `600 ${12 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
        ctx.textAlign = "center";
        ctx.fillText(`${each.short}${MARKS[status]}`, (left + right) / 2, bbox.top - 5 * devicePixelRatio);
      }
    }
    ctx.restore();
  }

  function dashed(plot, value, name) {
    const { ctx, bbox } = plot;
    const y = Math.round(plot.valToPos(value, "y", true));
    ctx.save();
    ctx.strokeStyle = color(name);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash(DASH.map((length) => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }

  function drawTrack(place, track, isFirst, isLast) {
    const upper = track.value.map((value, at) => (value === null ? null : value + track.band[at]));
    const lower = track.value.map((value, at) => (value === null ? null : value - track.band[at]));
    const edge = { width: 0, points: { show: false }, stroke: "transparent" };
    const head = document.createElement("div");
    head.className = "play-head";
    const plot = chart(place, {
      height: isFirst ? 230 : 150,
      padding: [isFirst ? 20 : 6, 18, 0, 0],
      cursor: { y: false, drag: { x: true, y: false, setScale: true }, sync: { key: "tracks", scales: ["x", null] }, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: bounds(track) } },
      axes: [
        axis({ values: (_plot, ticks) => ticks.map((tick) => (isLast ? `${decimal(tick, 2)} s` : "")), size: isLast ? 28 : 8 }),
        axis({ values: (_plot, ticks) => ticks.map((tick) => `${tick}°`), size: 46, space: 34 }),
      ],
      series: [
        {},
        { ...edge },
        { ...edge },
        { stroke: () => color(track.id), width: 2, points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: () => tint(track.id, 0.2) }],
      hooks: {
        drawClear: [(plot) => shadeReps(plot, isFirst)],
        draw: [(plot) => track.id === "hip" && dashed(plot, data.short, "fault-line")],
        ready: [(plot) => plot.over.append(head)],
        setScale: [(plot, key) => key === "x" && (alike(plot), putHead(plot))],
        setSize: [(plot) => putHead(plot)],
      },
    }, [track.t, upper, lower, track.value]);

    function putHead(plot) {
      const x = plot.valToPos(now, "x");
      head.hidden = !(x >= 0 && x <= plot.over.clientWidth);
      head.style.transform = `translateX(${x}px)`;
    }

    let pressed = null;
    plot.over.addEventListener("mousedown", (event) => { pressed = event.clientX; });
    plot.over.addEventListener("click", (event) => {
      const dragged = pressed !== null && Math.abs(event.clientX - pressed) > 4;
      if (!dragged) seek(plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x"));
    });
    listeners.push(() => putHead(plot));
    plots.push(plot);
  }

  /** Keep all curves on the same part of the clip. */
  let following = false;
  function alike(leader) {
    if (following) return;
    following = true;
    const { min, max } = leader.scales.x;
    plots.filter((plot) => plot !== leader).forEach((plot) => plot.setScale("x", { min, max }));
    following = false;
  }

  function zoom(to) {
    const lead = plots[0];
    const set = data.sets.find((each) => String(each.number) === to);
    let { min, max } = lead.scales.x;
    const half = ((max - min) / 2) * (to === "in" ? 0.5 : 2);
    [min, max] = set ? [set.start, set.end] : to === "all" ? [data.start, data.end] : [now - half, now + half];
    lead.setScale("x", { min: Math.max(min, data.start), max: Math.min(max, data.end) });
  }

  /** Values of the curves at the play-head; an angle that may not be judged is omitted. */
  function reading(time) {
    const under = data.reps.find((each) => each.start <= time && time <= each.end);
    const words = [`${decimal(time, 2, 2)} s`, under ? [inSentence(under.label), ...under.faults.map((fault) => `✗ ${inSentence(fault)}`)].join(" ") : say("between reps")];
    for (const track of readings) {
      const at = nearest(track.t, time);
      const value = track.value[at];
      if (under && !under.judged) words.push(say("{what} not judged", { what: track.words }));
      else words.push(value === null || value === undefined ? say("{what} not seen", { what: track.words }) : `${track.words} ${Math.round(value)}° ± ${Math.ceil(track.band[at])}`);
    }
    return words.join(" · ");
  }

  function nearest(times, time) {
    let low = 0;
    let high = times.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= time) low = middle; else high = middle;
    }
    return time - times[low] <= times[high] - time ? low : high;
  }

  // ------------------------------------------------------------------------------------------ ways to go somewhere

  all("[data-track]").forEach((place, at, places) => {
    drawTrack(place, data.tracks[Number(place.dataset.track)], at === 0, at === places.length - 1);
  });

  const slider = one("#seek");
  const readout = one("[data-readout]");
  if (slider) {
    slider.addEventListener("input", () => seek(Number(slider.value)));
    listeners.push((time) => {
      if (document.activeElement !== slider || Math.abs(Number(slider.value) - time) > 0.05) slider.value = time;
      const words = reading(time);
      readout.textContent = words;
      slider.setAttribute("aria-valuetext", words);
    });
  }

  const jumps = all("[data-reps] [data-seek]");
  listeners.push((time) => {
    for (const button of jumps) {
      const { start, end } = rep(button.dataset.seek);
      button.setAttribute("aria-current", String(start <= time && time <= end));
    }
  });

  all("[data-seek]").forEach((button) => button.addEventListener("click", () => {
    seek(rep(button.dataset.seek).start);
    if (button.closest("[data-reps]")) return;
    unfold(one("#watch"));
    one("#watch").scrollIntoView();
  }));

  // All repetitions share one Tab stop; the arrow keys move between them.
  one("[data-reps]")?.addEventListener("keydown", (event) => {
    const at = jumps.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: jumps.length - 1 }[event.key];
    if (at < 0 || to === undefined || !jumps[to]) return;
    event.preventDefault();
    jumps[at].tabIndex = -1;
    jumps[to].tabIndex = 0;
    jumps[to].focus();
  });

  all("[data-zoom]").forEach((button) => button.addEventListener("click", () => zoom(button.dataset.zoom)));

  // ------------------------------------------------------------------------------------------------ charts of a set

  const share = [...Array(101).keys()];

  all("[data-phases]").forEach((place) => {
    const rank = { "": 0, worst: 1, best: 2 };
    const curves = [...(data.phases[place.dataset.phases] ?? [])].sort((a, b) => rank[a.role] - rank[b.role]);
    const styles = {
      "": { stroke: () => tint("muted", 0.6), width: 1 },
      best: { stroke: () => color("ok"), width: 3 },
      worst: { stroke: () => color("fault-line"), width: 3, dash: DASH },
    };
    chart(place, {
      height: 330,
      padding: [8, 24, 0, 0],
      cursor: { show: false },
      scales: { x: { time: false } },
      axes: [
        axis({ values: (_plot, ticks) => ticks.map((tick) => `${tick} %`), size: 28 }),
        axis({ values: (_plot, ticks) => ticks.map((tick) => `${tick}°`), size: 46 }),
      ],
      series: [{}, ...curves.map((curve) => ({ ...styles[curve.role], points: { show: false } }))],
    }, [share, ...curves.map((curve) => curve.values)]);
  });

  function whiskers(plot, reps) {
    const { ctx } = plot;
    ctx.save();
    ctx.strokeStyle = tint("hip", 0.5);
    ctx.lineWidth = 4 * devicePixelRatio;
    for (const [at, each] of reps.entries()) {
      if (each.lockout === null) continue;
      const x = plot.valToPos(at + 1, "x", true);
      ctx.beginPath();
      ctx.moveTo(x, plot.valToPos(each.lockout - each.band, "y", true));
      ctx.lineTo(x, plot.valToPos(each.lockout + each.band, "y", true));
      ctx.stroke();
    }
    ctx.restore();
  }

  all("[data-drift]").forEach((place) => {
    const reps = data.reps.filter((each) => !each.partial && String(each.set) === place.dataset.set);
    const isLockout = place.dataset.drift === "lockout";
    const of = (key) => reps.map((each) => each[key]);
    const values = isLockout ? [of("lockout")] : [of("lift"), of("lower")];
    const edges = reps.flatMap((each) => (each.lockout === null ? [] : [each.lockout - each.band, each.lockout + each.band]));
    const points = (name, dash) => ({ stroke: () => color(name), width: 1.5, dash, points: { show: true, size: 7, fill: () => color(name) } });
    const range = isLockout
      ? [Math.floor((Math.min(data.short, ...edges) - 2) / 5) * 5, Math.ceil((Math.max(180, ...edges) + 2) / 5) * 5]
      : [0, Math.max(0.5, ...values.flat().map((value) => value ?? 0)) * 1.15];
    chart(place, {
      height: 170,
      padding: [8, 12, 0, 0],
      cursor: { show: false },
      scales: { x: { time: false, range: [0.5, reps.length + 0.5] }, y: { range } },
      axes: [
        axis({ values: (_plot, ticks) => ticks.map((tick) => (reps[tick - 1] ? reps[tick - 1].short : "")), incrs: [1, 2, 5, 10, 20, 50], size: 26 }),
        axis({ values: (_plot, ticks) => ticks.map((tick) => (isLockout ? `${tick}°` : `${decimal(tick, 1)} s`)), size: 46, space: 30, incrs: isLockout ? [5, 10, 20, 50] : [0.1, 0.2, 0.5, 1, 2, 5, 10] }),
      ],
      series: [{}, ...(isLockout ? [points("hip")] : [points("hip"), points("knee", DASH)])],
      hooks: { draw: isLockout ? [(plot) => { whiskers(plot, reps); dashed(plot, data.short, "fault-line"); }] : [] },
    }, [reps.map((_each, at) => at + 1), ...values]);
  });

  // An empty comment is not printed.
  const comment = one("[data-comment]");
  comment?.addEventListener("input", () => {
    comment.closest(".comment").classList.toggle("screen-only", !comment.textContent.trim());
  });

  show(now);
})();
