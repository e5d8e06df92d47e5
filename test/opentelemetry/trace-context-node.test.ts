import { defaultTextMapGetter, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage } from "../../src/message/build.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { markDelivered } from "../../src/message/provenance.js";
import { messageContext, withSpan } from "../../src/opentelemetry/trace-context.js";
import { useSpans } from "./use-spans.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

function carrying(traceparent: string, tracestate?: string): BusMessage {
  const message: BusMessage = busMessage("end");
  message.traceContext = {
    $typeName: "crossbus.v1.TraceContext",
    traceparent,
    ...(tracestate === undefined ? {} : { tracestate }),
  };
  return message;
}

const read = (message: BusMessage) => trace.getSpanContext(messageContext(message));

describe("the trace that a message carries", () => {
  useSpans();

  it("is read in the form of W3C Trace Context, also of a later version", () => {
    const span = { traceId, spanId, traceFlags: 1, isRemote: false };
    for (const traceparent of [
      `00-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-03`,
      `01-${traceId}-${spanId}-01`,
      `cc-${traceId}-${spanId}-01-what-else`,
    ]) {
      expect(read(carrying(traceparent)), traceparent).to.deep.equal(span);
    }
    expect(read(carrying(`00-${traceId}-${spanId}-02`))?.traceFlags).to.equal(0);
  });

  it("is none in any other form, or one of another length", () => {
    for (const traceparent of [
      "",
      "00",
      `00-${traceId}-${spanId}`,
      `00-${traceId}-${spanId}-1`,
      `00-${traceId}-${spanId}-01-more`,
      `ff-${traceId}-${spanId}-01`,
      `00-${traceId.toUpperCase()}-${spanId}-01`,
      `00-${"0".repeat(32)}-${spanId}-01`,
      `00-${traceId}-${"0".repeat(16)}-01`,
      `00-${traceId}-${spanId}-01\n`,
      ` 00-${traceId}-${spanId}-01`,
      `01-${traceId}-${spanId}-01-${"x".repeat(500)}`,
    ]) {
      expect(messageContext(carrying(traceparent)), traceparent).to.equal(ROOT_CONTEXT);
    }
    expect(messageContext(busMessage("end"))).to.equal(ROOT_CONTEXT);
    expect(messageContext(new (class extends LocalMessage<"x", null> {})("x", null, { source: "a" }))).to.equal(
      ROOT_CONTEXT,
    );
  });

  it("is a peer's where the message came over a link, for samplers to tell", () => {
    const message = carrying(`00-${traceId}-${spanId}-01`);
    markDelivered(message, {});
    expect(read(message)?.isRemote).to.equal(true);
  });

  it("has at most as much state as the specification has room for", () => {
    const state = (tracestate: string) => read(carrying(`00-${traceId}-${spanId}-01`, tracestate))?.traceState;
    expect(state("a=b , c=d,?=e")?.serialize()).to.equal("a=b,c=d");
    expect(state(`a=${"x".repeat(511)}`)?.serialize()).to.equal("");
    const many = Array.from({ length: 40 }, (_, i) => `k${i}=v`);
    expect(state(many.join(","))?.serialize().split(",")).to.have.lengthOf(32);
  });

  it("is what the propagator of the SDK makes of it, whatever the text", () => {
    const hex = (length: number) =>
      fc.oneof(
        { weight: 8, arbitrary: fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)) },
        fc.constant("0".repeat(length)),
        fc.stringMatching(/^[0-9a-fA-Fg]{0,40}$/),
      );
    const version = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("00", "01", "ff", "fe") }, hex(2));
    const rest = fc.oneof({ weight: 4, arbitrary: fc.constant("") }, fc.constantFrom("-", "-x", "x"), fc.string());
    const traceparent = fc
      .tuple(version, hex(32), hex(16), hex(2), rest)
      .map(([v, t, s, f, more]) => `${v}-${t}-${s}-${f}${more}`)
      // The propagator makes allowance for white space around a header.
      .filter((text) => text.trim() === text);
    let valid = 0;
    fc.assert(
      fc.property(traceparent, fc.option(fc.string(), { nil: undefined }), (text, state) => {
        const ours = read(carrying(text, state));
        const carrier = { traceparent: text, ...(state === undefined ? {} : { tracestate: state }) };
        const theirs = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
        valid += theirs === undefined ? 0 : 1;
        expect(ours?.traceId).to.equal(theirs?.traceId);
        expect(ours?.spanId).to.equal(theirs?.spanId);
        expect(ours === undefined ? undefined : ours.traceFlags).to.equal(theirs && theirs.traceFlags & 1);
        expect(ours?.traceState?.serialize() ?? "").to.equal(theirs?.traceState?.serialize() ?? "");
      }),
      { numRuns: 2_000 },
    );
    expect(valid).to.be.greaterThan(100);
  });

  it("is written as it is read, into a copy", () => {
    const message = busMessage("end", {}, { source: "a" });
    const state = read(carrying(`00-${traceId}-${spanId}-01`, "a=b,c=d"))?.traceState;
    const copy = withSpan(message, { traceId, spanId, traceFlags: 0, ...(state && { traceState: state }) });
    expect(message).not.to.have.property("traceContext");
    expect(copy.traceContext).to.deep.equal({
      $typeName: "crossbus.v1.TraceContext",
      traceparent: `00-${traceId}-${spanId}-00`,
      tracestate: "a=b,c=d",
    });
    expect(read(withSpan(message, { traceId, spanId, traceFlags: 1 }))?.traceFlags).to.equal(1);
  });
});
