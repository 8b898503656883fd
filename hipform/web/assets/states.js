// News of the sets that are not done: their progress, and whether anything else has changed.

/** Call `onNews(sets, hasChanged)` for every piece of news. */
export function listen(onNews) {
  let version = null;
  const source = new EventSource("/events");
  source.addEventListener("message", (event) => {
    const news = JSON.parse(event.data);
    onNews(news.sets, version !== null && version !== news.version);
    version = news.version;
  });
  // The connection is kept for as long as somebody may look.
  addEventListener("pagehide", () => source.close());
}

/** Show progress and words of one set inside `element`. */
export function show(element, set) {
  const words = element.querySelector("[data-words]");
  if (words && words.textContent !== set.words) words.textContent = set.words;
  const bar = element.querySelector("[data-share]");
  if (bar && set.share !== null) bar.value = set.share;
}
