import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
  type ConnectionEvent,
  type ConnectionState,
  connecting,
  connectionText,
  next,
} from "../../../examples/web/page/connection-state.js";
import { bytesOf, chunker, chunkSamples, sampleRate, samplesOf } from "../../../examples/web/page/pcm.js";

describe("the page's audio", () => {
  /** What comes out for samples that come in pieces. */
  function chunks(rate: number, samples: Float32Array, piece: number) {
    const { push } = chunker(rate);
    const out: { readonly samples: Int16Array; readonly level: number }[] = [];
    for (let start = 0; start < samples.length; start += piece) {
      push(samples.subarray(start, start + piece), (chunk, level) => out.push({ samples: chunk, level }));
    }
    return out;
  }

  for (const rate of [8_000, 16_000, 44_100, 48_000]) {
    it(`makes 50 chunks of a second that came at ${rate} Hz, however it came, as loud as it was`, () => {
      const second = Float32Array.from(
        { length: rate },
        (_, index) => Math.sin((2 * Math.PI * 200 * index) / rate) / 2,
      );
      const made = chunks(rate, second, 128);
      expect(made).to.have.lengthOf(sampleRate / chunkSamples);
      for (const { level } of made) {
        expect(level).to.be.closeTo(0.5 / Math.SQRT2, 0.02);
      }
      expect(chunks(rate, second, 997)).to.deep.equal(made);
    });
  }

  it("leaves samples as they are that come at the rate that is sent, and cuts what is too loud", () => {
    const samples = new Float32Array(chunkSamples).fill(2);
    samples.set([0, 0.5, -0.5, -1, 1, -3]);
    const [chunk] = chunks(sampleRate, samples, 100);
    expect([...(chunk?.samples.subarray(0, 7) ?? [])]).to.deep.equal([
      0, 16_384, -16_384, -32_768, 32_767, -32_768, 32_767,
    ]);
  });

  it("comes back from bytes as it was, but for half a sample at the end", () => {
    fc.assert(
      fc.property(fc.int16Array(), (samples) => {
        const bytes = Uint8Array.of(9, ...bytesOf(samples), 9).subarray(1);
        expect([...samplesOf(bytes)]).to.deep.equal([...samples].map((sample) => sample / 32_768));
      }),
    );
  });
});

describe("the page's connection", () => {
  const having = (...events: readonly ConnectionEvent[]): ConnectionState => events.reduce(next, connecting);
  const told = (...events: readonly ConnectionEvent[]) => connectionText(having(...events), true);
  const lost = { event: "suspended", at: 1, why: "it broke." } as const;
  const out = { event: "kept", direction: "out" } as const;
  const inward = { event: "kept", direction: "in" } as const;

  it("is connecting, and then connected", () => {
    expect(told()).to.include({ tone: "busy", title: "Connecting", note: "" });
    expect(told({ event: "connectFailed", why: "nobody listens." }).note).to.equal(
      "No connection yet: nobody listens.",
    );
    expect(told({ event: "connected" })).to.include({ tone: "good", title: "Connected" });
    expect(connectionText(having({ event: "connected" }), false).note).to.match(/^A plain link/);
  });

  it("counts what is kept while it is lost, and says what was replayed, also of what the other side tells late", () => {
    expect(told({ event: "connected" }, lost, out, out, inward).note).to.match(
      /Kept so far: 2 messages from here, 1 message from the assistant\.$/,
    );
    const resumed = { event: "resumed", outageMs: 4_230 } as const;
    expect(told({ event: "connected" }, lost, out, resumed, inward, inward)).to.deep.equal({
      tone: "good",
      title: "Resumed",
      note: "The session went on after 4.2 s. Replayed in order: 1 message from here, 2 messages from the assistant; nothing was lost.",
    });
    expect(told({ event: "connected" }, lost, resumed).note).to.match(/Nothing was on its way; nothing was lost\.$/);
    expect(told({ event: "connected" }, lost, out, resumed, lost).note).to.match(/: 0 messages from here/);
  });

  it("says that a session was reset, and why, until the next outage", () => {
    const reset = { event: "disconnected", at: 1, why: "nobody came back in time." } as const;
    expect(told({ event: "connected" }, lost, reset)).to.include({ tone: "bad", title: "Connecting again" });
    const anew = told({ event: "connected" }, lost, reset, { event: "connected" });
    expect(anew).to.include({ tone: "good", title: "Connected anew" });
    expect(anew.note).to.match(/over: nobody came back in time\.$/);
    expect(
      told({ event: "connected" }, reset, { event: "connected" }, lost, { event: "resumed", outageMs: 1 }).title,
    ).to.equal("Resumed");
  });

  it("says what people have to do where nothing else is tried", () => {
    expect(told({ event: "failed", why: "No." })).to.include({
      tone: "bad",
      note: "No. Load the page again to start over.",
    });
    expect(told({ event: "unknown" }).note).to.equal("Load the page again to go on.");
  });

  it("stays over, whatever else is told of attempts to connect", () => {
    const reset = { event: "disconnected", at: 2, why: "nobody came back in time." } as const;
    const failed = { event: "connectFailed", why: "nobody listens." } as const;
    expect(told(lost, { event: "unknown" }, out, failed, reset, failed)).to.deep.equal(told({ event: "unknown" }));
    expect(told(lost, { event: "failed", why: "No." }, reset).title).to.equal("Disconnected");
  });
});
