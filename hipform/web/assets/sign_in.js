// Signs this browser in with the key behind the # of the address, which never reaches a log, a history or another site.
const key = location.hash.slice(1);
history.replaceState(null, "", "/");

async function isKnown() {
  if (key) {
    const answer = await fetch("/session", { method: "POST", body: JSON.stringify({ key }) });
    if (answer.ok) return true;
  }
  // A link from another page brings no cookie along; this request does.
  return (await fetch("/known")).ok;
}

if (await isKnown()) location.reload();
else {
  document.querySelector("[data-waiting]").hidden = true;
  document.querySelector("[data-unknown]").hidden = false;
}
