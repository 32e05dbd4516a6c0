import { expect } from "chai";
import { rewriteHtml, rewriteUrl } from "./rewrite-links.ts";

const prefix = "/api/v1/namespaces/ns/pods/p/proxy";
const rules = { prefix, hosts: ["10.0.0.1:80", "api.example:6443"] };

describe("a proxied link", () => {
  const links: readonly [url: string, rewritten: string][] = [
    ["/a/b?c=d#e", `${prefix}/a/b?c=d#e`],
    ["/", `${prefix}/`],
    ["http://10.0.0.1:80/a", `${prefix}/a`],
    ["//10.0.0.1:80/a", `${prefix}/a`],
    ["https://api.example:6443/a", `${prefix}/a`],
    [`${prefix}/a`, `${prefix}/a`],
    ["a/b", "a/b"],
    ["../a", "../a"],
    ["", ""],
    ["#top", "#top"],
    ["?q=1", "?q=1"],
    ["http://elsewhere.example/a", "http://elsewhere.example/a"],
    ["//elsewhere.example/a", "//elsewhere.example/a"],
    ["mailto:a@b", "mailto:a@b"],
    ["javascript:/a", "javascript:/a"],
    ["data:text/html,/x", "data:text/html,/x"],
  ];
  for (const [url, rewritten] of links) {
    it(`to ${url || "nothing"} is ${rewritten || "left"}`, () => expect(rewriteUrl(url, rules)).to.equal(rewritten));
  }
});

describe("a proxied page", () => {
  const pages: readonly [title: string, page: string, rewritten: string][] = [
    ["has links", '<a href="/x">/x</a>', `<a href="${prefix}/x">/x</a>`],
    [
      "has several attributes",
      `<img alt="/y" src='/x' usemap=/m>`,
      `<img alt="/y" src="${prefix}/x" usemap="${prefix}/m">`,
    ],
    ["is in capitals", '<A HREF="/x">', `<A HREF="${prefix}/x">`],
    ["closes itself", '<link rel="icon" href="/x"/>', `<link rel="icon" href="${prefix}/x"/>`],
    [
      "loads scripts",
      '<script src="/x">if (a</b>"/y") x()</script>',
      `<script src="${prefix}/x">if (a</b>"/y") x()</script>`,
    ],
    ["has comments", '<!-- <a href="/x"> -->', '<!-- <a href="/x"> -->'],
    ["has a bracket in an attribute", '<a title=">" href="/x">', `<a title=">" href="${prefix}/x">`],
    ["has other elements", '<p href="/x">', '<p href="/x">'],
    ["has nothing to do with it", "a < b & c > d", "a < b & c > d"],
  ];
  for (const [title, page, rewritten] of pages) {
    it(title, () => expect(rewriteHtml(page, rules)).to.equal(rewritten));
  }

  it("takes no longer than its length allows", () => {
    const bombs = ["<a ".repeat(50_000), "<a b='".repeat(50_000), "<!--".repeat(50_000), "<script>".repeat(20_000)];
    for (const page of bombs) expect(rewriteHtml(page, rules)).to.equal(page);
  });
});
