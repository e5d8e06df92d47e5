/**
 * Where a client comes from, as far as it can't choose that at will: its address without the port, and of an IPv6
 * address the first 64 bits, of which whoever has one has all. What is no IP address stays as it is.
 */
export function clientNetwork(address: string): string {
  const host = /^\[(.*)\]:\d+$/.exec(address)?.[1] ?? /^([^:]*):\d+$/.exec(address)?.[1] ?? address;
  // An IPv4 address that a socket for both families shows.
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(host)?.[1];
  if (mapped !== undefined) {
    return mapped;
  }
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*(?:%.*)?$/i.test(host)) {
    return host;
  }
  const [front = "", back] = host.replace(/%.*$/, "").toLowerCase().split("::", 2);
  const groups = front === "" ? [] : front.split(":");
  if (back !== undefined) {
    const after = back === "" ? [] : back.split(":");
    // Its last part may be an IPv4 address, which takes the place of two.
    const length = after.length + (back.includes(".") ? 1 : 0);
    groups.push(...new Array<string>(Math.max(0, 8 - groups.length - length)).fill("0"), ...after);
  }
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${prefix.join(":")}::/64`;
}
