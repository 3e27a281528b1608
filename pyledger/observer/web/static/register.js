/* Live updates, and nothing else: every page can be read without this file.
 *
 * The server says when a block was read and which agreements changed. A page that is concerned asks for itself again
 * and takes over those of its parts ([data-part]) that differ; what a reader has opened stays open. */
"use strict";

(() => {
  const body = document.body;
  const path = body.dataset.events;
  if (!path || !window.EventSource) return;

  const TIMES = 30000; // so often at most a page is asked for again only because time has passed
  const news = document.querySelector("[data-news]");
  const pause = document.querySelector("[data-pause]");
  let source = null;
  let asked = Date.now();
  let busy = false;
  let again = false;

  const parts = (root) => new Map([...root.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
  const key = (details) => details.querySelector("summary").textContent.trim();
  const opened = (root) => new Map([...root.querySelectorAll("details")].map((each) => [key(each), each.open]));

  function reopen(part, before) {
    for (const each of part.querySelectorAll("details")) {
      const was = before.get(key(each));
      if (was !== undefined) each.open = was;
    }
  }

  function replace(old, fresh) {
    const at = document.activeElement;
    const focused = old.contains(at) ? at : null;
    const href = focused && focused.getAttribute("href");
    const summary = focused && focused.tagName === "SUMMARY" ? focused.textContent.trim() : null;
    reopen(fresh, opened(old));
    old.replaceWith(fresh);
    if (!focused) return;
    const same = [...fresh.querySelectorAll("a, summary")].find((each) =>
      summary ? each.textContent.trim() === summary : href && each.getAttribute("href") === href);
    (same || document.getElementById("content")).focus({ preventScroll: true });
  }

  function take(page) {
    const now = parts(document);
    const changed = [];
    for (const [name, fresh] of parts(page)) {
      const old = now.get(name);
      if (!old) {
        location.reload();
        return;
      }
      if (fresh.outerHTML === (old.served || old.outerHTML)) continue;
      const told = fresh.textContent !== old.textContent;
      const served = fresh.outerHTML;
      replace(old, fresh);
      fresh.served = served;
      if (told && fresh.dataset.title) {
        changed.push(fresh.dataset.title);
        fresh.classList.add("fresh");
        fresh.addEventListener("animationend", () => fresh.classList.remove("fresh"), { once: true });
      }
    }
    document.title = page.title;
    body.dataset.reading = page.body.dataset.reading;
    return changed;
  }

  async function ask(aloud) {
    if (busy) {
      again = again || aloud;
      return;
    }
    busy = true;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.ok) {
        const changed = take(new DOMParser().parseFromString(await answer.text(), "text/html")) || [];
        if (aloud && changed.length) news.textContent = `Updated: ${changed.join(", ")}.`;
      }
    } catch {
      // The stream is what says that the server is gone; it connects again by itself.
    } finally {
      busy = false;
    }
    if (again) {
      again = false;
      ask(true);
    }
  }

  function heard(event) {
    const pulse = JSON.parse(event.data);
    const own = body.dataset.agreement;
    const concerned = pulse.everything || (own ? pulse.changed.includes(own) : pulse.changed.length > 0);
    if (concerned || pulse.node.reading !== body.dataset.reading) {
      ask(true);
      return;
    }
    for (const each of document.querySelectorAll("[data-block]")) {
      each.textContent = pulse.node.read.toLocaleString("en-US");
    }
    if (Date.now() - asked > TIMES) ask(false);
  }

  function listen() {
    source = new EventSource(path);
    source.addEventListener("state", heard);
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    const stopped = source !== null;
    if (stopped) {
      source.close();
      source = null;
    } else {
      listen();
      ask(true);
    }
    pause.setAttribute("aria-pressed", String(stopped));
    pause.textContent = stopped ? "Resume updates" : "Pause updates";
    news.textContent = stopped ? "Updates are paused." : "Updates go on.";
  });
  listen();
})();
