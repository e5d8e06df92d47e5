/** What forwards messages, both ways. */
export interface GatewayMaker {
  /** Connects to a backend, and serves one client. Returns where. */
  serve(back: string): Promise<string>;
}
