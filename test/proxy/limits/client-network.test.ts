import { expect } from "chai";
import { clientNetwork } from "../../../src/proxy/limits/client-network.js";

describe("the network of a client", () => {
  const cases: Readonly<Record<string, string>> = {
    "127.0.0.1:51234": "127.0.0.1",
    "10.0.0.7": "10.0.0.7",
    "[::1]:80": "0:0:0:0::/64",
    "[::]:80": "0:0:0:0::/64",
    "::1": "0:0:0:0::/64",
    "[2001:db8:1:2:3:4:5:6]:443": "2001:db8:1:2::/64",
    "2001:DB8:1:2::9": "2001:db8:1:2::/64",
    "[2001:db8::1:2:3:4:5]:443": "2001:db8:0:1::/64",
    "[2001:0db8::]:443": "2001:db8:0:0::/64",
    "[fe80::1%eth0]:443": "fe80:0:0:0::/64",
    "[64:ff9b::192.0.2.1]:443": "64:ff9b:0:0::/64",
    "[::ffff:192.0.2.1]:443": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "memory#3": "memory#3",
    unknown: "unknown",
    "": "",
  };

  for (const [address, network] of Object.entries(cases)) {
    it(`of ${address === "" ? "nothing" : address} is ${network === "" ? "nothing" : network}`, () => {
      expect(clientNetwork(address)).to.equal(network);
    });
  }
});
