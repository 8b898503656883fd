// The page of one set, and others with a report in them.
import { listen, show } from "/assets/states.js";

const state = document.querySelector("[data-set][data-state]");
const report = document.querySelector("[data-report]");

/** Make the frame as high as the report in it, so that the page scrolls as one. */
function fit() {
  const height = report.contentDocument?.documentElement?.offsetHeight;
  if (height) report.style.height = `${height}px`;
}

if (report) {
  report.addEventListener("load", () => {
    fit();
    new ResizeObserver(fit).observe(report.contentDocument.body);
    // A link to a part of the report scrolls this page, because the frame itself has nothing to scroll.
    report.contentDocument.addEventListener("click", (event) => {
      const target = event.target.closest("a[href^='#']")?.getAttribute("href");
      const part = target && report.contentDocument.querySelector(target);
      if (part) scrollTo({ top: report.getBoundingClientRect().top + scrollY + part.getBoundingClientRect().top - 16 });
    });
  });
  fit();
}

if (state && ["waiting", "running"].includes(state.dataset.state)) {
  listen((sets, hasChanged) => {
    const own = sets[state.dataset.set];
    // When only the drawing is left, the verdicts are new.
    if (!own || (hasChanged && own.state !== state.dataset.state) || own.drawing !== (state.dataset.drawing === "yes")) location.reload();
    else show(state, own);
  });
}
