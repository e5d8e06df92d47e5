import { Writable } from "node:stream";
import { expect } from "chai";
import { describe, it } from "mocha";
import { streamTaps } from "../../../examples/web/inspect-stream.js";
import { type OpenPage, OpenPages } from "../../../examples/web/open-pages.js";

/** What a page reads. One that `stalls` takes nothing, and never says that it could take more. */
const reader = (stalls = false) =>
  new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => (stalls ? undefined : done()) });

describe("the stream of a page's taps", () => {
  it("is over when the page asks anew, also where nobody reads it any more", async () => {
    const page = new OpenPages().open();
    const stalled = streamTaps(page, reader(true));
    const response = reader();
    const streamed = streamTaps(page, response);
    await stalled;
    expect(page.reader).to.equal(response);
    response.destroy();
    await streamed;
    expect(page.reader).to.equal(undefined);
  });
});

describe("the pages that are open", () => {
  const used = (page: OpenPage) => {
    page.reader = reader();
    return page;
  };

  it("are a thousand at most: first go those that nobody uses, then the oldest, with what they have open", () => {
    const pages = new OpenPages();
    const [first, second, unused, other] = [used(pages.open()), used(pages.open()), pages.open(), pages.open()];
    for (let opened = 4; opened < 1_000; opened++) {
      used(pages.open());
    }
    const known = () => [first, second, unused, other].map(({ token }) => pages.find(token) !== undefined);
    expect(known()).to.deep.equal([true, true, true, true]);
    used(pages.open());
    expect(known()).to.deep.equal([true, true, false, true]);
    used(pages.open());
    expect(known()).to.deep.equal([true, true, false, false]);
    expect(first.reader?.destroyed).to.equal(false);
    used(pages.open());
    expect(known()).to.deep.equal([false, true, false, false]);
    expect(first.reader?.destroyed).to.equal(true);
  });
});
