import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { getTextEncoding } from "@bufbuild/protobuf/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { keepMarks } from "../../src/message/keep-marks.js";
import { SampleSchema } from "./gen/acme/v1/sample_pb.js";

describe("the byte order mark at the start of a text", () => {
  const texts = ["\ufeff", "\ufeffmarked", "\ufeff\ufefftwice", "with\ufeffin", "", "\uff0f", "é"];
  const byText = { "\ufeffa": 1n, a: 2n };
  const bytes = toBinary(SampleSchema, create(SampleSchema, { texts, byText }));

  it("is kept", () => {
    const read = keepMarks(() => fromBinary(SampleSchema, bytes));
    expect(read.texts).to.deep.equal(texts);
    expect(read.byText).to.deep.equal(byText);
  });

  it("is kept for no longer than that, also when it throws, and within another such call", () => {
    const before = getTextEncoding();
    expect(() => keepMarks(() => fromBinary(SampleSchema, Uint8Array.of(0x72, 5, 0)))).to.throw();
    expect(keepMarks(() => keepMarks(() => fromBinary(SampleSchema, bytes))).texts).to.deep.equal(texts);
    expect(getTextEncoding()).to.equal(before);
  });

  it("is what protobuf-es drops by itself", () => {
    expect(fromBinary(SampleSchema, bytes).texts.slice(0, 2)).to.deep.equal(["", "marked"]);
  });
});
