// Keyboard shortcuts of lists and pages: j, k, o, x, u and ?. Nothing happens while somebody types,
// and they can be switched off (WCAG 2.2, 2.1.4).
"use strict";
(() => {
  const items = () => [...document.querySelectorAll("[data-item]")];
  const help = document.getElementById("keys");
  const toggle = document.getElementById("keys-on");
  const OFF = "kaixu-keys-off";
  let at = -1;

  const isOff = () => {
    try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
  };
  if (toggle) {
    toggle.checked = !isOff();
    toggle.closest("[hidden]")?.removeAttribute("hidden");
    toggle.addEventListener("change", () => {
      try { localStorage.setItem(OFF, toggle.checked ? "0" : "1"); } catch { /* not kept */ }
    });
  }

  const show = (place) => {
    const all = items();
    if (!all.length) return;
    at = Math.max(0, Math.min(place, all.length - 1));
    all.forEach((one, index) => one.classList.toggle("current", index === at));
    const link = all[at].querySelector("a");
    if (link) link.focus();
    all[at].scrollIntoView({ block: "nearest" });
  };
  const current = () => {
    const all = items();
    const focused = all.findIndex((one) => one.contains(document.activeElement));
    if (focused >= 0) at = focused;
    return all[at];
  };
  const acts = {
    j: () => { current(); show(at + 1); },
    k: () => { current(); show(at - 1); },
    o: () => current()?.querySelector("a")?.click(),
    x: () => current()?.querySelector("input[type=checkbox]")?.click(),
    u: () => document.querySelector("[data-back]")?.click(),
    "?": () => { if (help) { help.open = !help.open; help.querySelector("summary").focus(); } },
  };
  const types = (target) =>
    target.isContentEditable ||
    target.tagName === "TEXTAREA" ||
    target.tagName === "SELECT" ||
    (target.tagName === "INPUT" && target.type !== "checkbox");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
    if (event.key === "Escape" && help?.open) { help.open = false; return; }
    const act = acts[event.key];
    if (!act || (isOff() && event.key !== "?")) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector("progress");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((event.detail.loaded / event.detail.total) * 100);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) event.detail.shouldSwap = true; // the form again, with why
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-select-all]")) return;
    for (const box of document.querySelectorAll("[data-item] input[type=checkbox]")) {
      box.checked = event.target.checked;
    }
  });
})();
