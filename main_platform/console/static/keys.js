// Keyboard of the review console. A key does what an element with that `data-key` does: it is
// followed, pressed or chosen; nothing is ever decided by a key alone, since decisions are forms
// whose button must be pressed. Keys are never taken from fields that people type into, nor with
// Ctrl, Alt or Meta, and can be switched off (WCAG 2.2, 2.1.4).
"use strict";
(() => {
  const OFF = "kaixu-keys-off";
  const help = document.getElementById("keys");
  const toggle = document.getElementById("keys-on");
  const rows = () => [...document.querySelectorAll("[data-row]")];
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

  const isTypedInto = (element) =>
    element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ||
    element?.isContentEditable ||
    (element instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(element.type));

  const go = (step) => {
    const all = rows();
    if (!all.length) return false;
    const inside = all.findIndex((row) => row.contains(document.activeElement));
    at = Math.min(Math.max((inside < 0 ? at : inside) + step, 0), all.length - 1);
    all.forEach((row, index) => row.classList.toggle("at", index === at));
    all[at].querySelector("a[data-open]")?.focus();
    all[at].scrollIntoView({ block: "nearest" });
    return true;
  };

  const act = (element) => {
    if (element instanceof HTMLInputElement) {
      element.checked = element.type === "radio" ? true : !element.checked;
      element.dispatchEvent(new Event("change", { bubbles: true }));
      const next = element.dataset.focus ? document.querySelector(element.dataset.focus) : element;
      next?.focus();
      next?.scrollIntoView({ block: "center" });
      return;
    }
    element.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTypedInto(event.target)) return;
    if (event.key === "?" && help) {
      event.preventDefault();
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
      return;
    }
    if (isOff()) return;
    if ((event.key === "j" || event.key === "k") && go(event.key === "j" ? 1 : -1)) {
      event.preventDefault();
      return;
    }
    const row = rows().find((one) => one.contains(document.activeElement));
    const key = CSS.escape(event.key);
    const wanted = row?.querySelector(`[data-key="${key}"]`) ??
      [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => !one.closest("[data-row]"));
    if (wanted && !wanted.disabled) {
      event.preventDefault();
      act(wanted);
    }
  });

  // "All on this page" is only there where it can work.
  const all = document.getElementById("all-here");
  const boxes = () => [...document.querySelectorAll("input[name=picked]")];
  const count = document.getElementById("picked-count");
  const tell = () => {
    if (count) count.textContent = String(boxes().filter((box) => box.checked).length);
  };
  if (all) {
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.addEventListener("change", () => {
      boxes().forEach((box) => { box.checked = all.checked; });
      tell();
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === "picked") tell();
  });
  tell();
})();
