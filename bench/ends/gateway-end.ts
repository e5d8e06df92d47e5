/** The gateway, with a client that connects to it, and a backend that it connects to. */
import type { GatewayMaker } from "./gateway.js";

export interface GatewayEndOptions {
  /** The module with the contestant. */
  readonly maker: string;
  /** Where the backend is. */
  readonly back: string;
}

export async function open({ maker, back }: GatewayEndOptions): Promise<object> {
  const made = (await import(new URL(`../${maker}`, import.meta.url).href)) as GatewayMaker;
  const address = await made.serve(back);
  return { where: () => address };
}
