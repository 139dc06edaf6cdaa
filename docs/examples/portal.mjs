#!/usr/bin/env node
// A portal in one file: prove the hub's log, then write the offers it proves as one page. Node.js, no packages.
//   node portal.mjs ANCHOR.json PAGE.html
// Titles, holders, numbers and periods are the ones that nodes signed. The words of the fee are the hub's: they
// are printed only beside the very statement that the log proves. Where that fails, the page is left as it is.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { must } from "./log_forms.mjs";
import { verifyHub } from "./verify_log.mjs";

const [anchorFile, page] = process.argv.slice(2);
const safe = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Every open offer as the hub words it, page by page. */
async function* cards(hub) {
  for (let cursor = ""; cursor !== null;) {
    const query = new URLSearchParams({ limit: "50", ...(cursor && { cursor }) });
    const answer = await fetch(`${hub}/api/v1/catalogue/cards?${query}`, { signal: AbortSignal.timeout(60_000) });
    must(answer.status === 200, `the hub answers ${answer.status}`);
    const { items, next } = await answer.json();
    yield* items;
    cursor = next;
  }
}

/** The offer as HTML, or null where the log does not prove it (yet: the hub goes on publishing). */
function proven(card, heads, hub) {
  const head = heads.get(card.listing);
  if (!head?.terms || head.state !== "open" || head.hash !== card.statement_hash) return null;
  const { patent, holders, period } = head.terms;
  return `<article id="${safe(card.listing)}">
  <h2><a href="${safe(`${hub}/listings/${card.listing}`)}">${safe(patent.title ?? card.number)}</a></h2>
  <p>${safe(holders.map((holder) => holder.name).join("、"))}</p>
  <p>${safe(card.fee)}</p>
  <p>${safe(patent.application_number)} · 至 ${safe(period.end)}</p>
  <small>${safe(head.hash)}</small>
</article>`;
}

try {
  must(page, "usage: portal.mjs ANCHOR.json PAGE.html");
  const { hub_url: hub } = JSON.parse(readFileSync(anchorFile, "utf8"));
  const { heads, verdict } = await verifyHub(anchorFile);
  const [articles, left] = [[], []];
  for await (const card of cards(hub)) {
    const article = proven(card, heads, hub);
    if (article) articles.push(article);
    else left.push(card.listing);
  }
  const title = "专利开放许可（已验证）";
  writeFileSync(`${page}.draft`, `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>
${articles.join("\n")}
</body></html>
`);
  renameSync(`${page}.draft`, page); // readers see the old page or the new one, never half of one
  console.log(JSON.stringify({ size: verdict.size, root: verdict.root, shown: articles.length, left }));
} catch (error) {
  console.error(`not published: ${error.message}`);
  process.exitCode = 1;
}
