import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { randomUuid } from "../../src/base/random-uuid.js";

const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("randomUuid", () => {
  afterEach(() => {
    Reflect.deleteProperty(crypto, "randomUUID");
  });

  for (const [where, hide] of [
    ["on a secure page", () => {}],
    [
      "elsewhere, where the platform makes none",
      () => Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true }),
    ],
  ] as const) {
    it(`makes UUIDs that differ, ${where}`, () => {
      hide();
      const made = Array.from({ length: 1000 }, randomUuid);
      for (const uuid of made) {
        expect(uuid).to.match(version4);
      }
      expect(new Set(made).size).to.equal(1000);
    });
  }
});
