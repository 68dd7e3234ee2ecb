// Walks through sign-in pages as a person would, over plain HTTP: follows links, submits the form it is shown.

const MOST_STEPS = 20;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&quot;": '"' };

/** From the authorization address until the browser is sent to `backTo`; the parameters that it brings there. */
export async function walk(address, email, backTo) {
  const browser = new Browser();
  let page = await browser.open(new URL(address));
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const location = page.response.headers.get("location");
    if (location) {
      const target = new URL(location, page.url);
      if (target.href.startsWith(backTo)) return target.searchParams;
      page = await browser.open(target);
    } else if (page.response.status === 200) {
      page = await act(browser, page, email);
    } else {
      throw new Error(`${page.url.pathname} answered ${page.response.status}: ${words(page.text)}`);
    }
  }
  throw new Error(`still on ${page.url.pathname} after ${MOST_STEPS} steps`);
}

/** Fetches pages and keeps their cookies by host. Paths and expiries of cookies are not looked at. */
class Browser {
  cookies = new Map();

  async open(url, form) {
    const jar = this.cookies.get(url.host) ?? new Map();
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
    const post = form && { method: "POST", body: form, headers: { ...headers, origin: url.origin } };
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(20_000), headers, ...post });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      jar.set(name, value);
    }
    this.cookies.set(url.host, jar);
    return { url, response, text: await response.text() };
  }
}

/** What the page is for: choose the person, or submit the form with its affirmative button. */
async function act(browser, page, email) {
  for (const [, attributes, inside] of page.text.matchAll(/<a\b([^>]*)>(.*?)<\/a>/gs)) {
    if (inside.includes(email)) return browser.open(new URL(attribute(attributes, "href"), page.url));
  }
  const form = page.text.match(/<form\b([^>]*method="post"[^>]*)>(.*?)<\/form>/s);
  if (!form) throw new Error(`${page.url.pathname} has nothing to go on with: ${words(page.text)}`);
  return browser.open(new URL(attribute(form[1], "action"), page.url), filled(form[2]));
}

function filled(form) {
  const fields = new URLSearchParams();
  for (const [, input] of form.matchAll(/<input\b([^>]*)>/g)) {
    const unticked = attribute(input, "type") === "checkbox" && !/\bchecked\b/.test(input);
    if (!unticked) fields.append(attribute(input, "name"), attribute(input, "value"));
  }
  const button = [...form.matchAll(/<button\b([^>]*)>/g)].map(([, found]) => found).find((found) => attribute(found, "class") === "main");
  if (button && attribute(button, "name")) fields.append(attribute(button, "name"), attribute(button, "value"));
  return fields;
}

function attribute(tag, name) {
  const value = tag.match(new RegExp(`(?:^|\\s)${name}="([^"]*)"`))?.[1] ?? "";
  return value.replace(/&(?:amp|lt|gt|quot|#34|#39);/g, (entity) => ENTITIES[entity]);
}

function words(html) {
  return html.replace(/<style.*?<\/style>/gs, "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").slice(0, 300);
}
