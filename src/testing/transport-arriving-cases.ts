import { deferred } from "../base/deferred.js";
import { Code, StatusError } from "../base/status.js";
import type { Arrival, Principal } from "../transport/transport.js";
import { assertEqual, assertRejects } from "./assertions.js";
import type { DefineWorkbench } from "./transport-workbench.js";

/** A hook that counts who has arrived and isn't let in yet, and refuses while it is told to. */
class Counting {
  readonly addresses: string[] = [];
  pending = 0;
  refuses = false;

  readonly arrive = (address: string): Arrival => {
    if (this.refuses) {
      throw new StatusError(Code.RESOURCE_EXHAUSTED, "too many");
    }
    this.addresses.push(address);
    this.pending++;
    let isPending = true;
    return {
      settle: () => {
        this.pending -= isPending ? 1 : 0;
        isPending = false;
      },
    };
  };
}

/** What a transport promises of a listener that counts who begins to connect. */
export function arrivingCases(define: DefineWorkbench): void {
  define("tells of a peer that arrives, and doesn't count it once it is accepted", async (workbench) => {
    const counting = new Counting();
    const admitting = deferred<Principal>();
    const asked = deferred();
    await workbench.listen({
      arrive: counting.arrive,
      admit() {
        asked.resolve();
        return admitting.promise;
      },
    });
    const connecting = workbench.connect();
    await asked.promise;
    assertEqual(counting.pending, 1);
    admitting.resolve({ name: "ann" });
    const { server } = await connecting;
    assertEqual(counting.pending, 0);
    assertEqual(counting.addresses, [server.peer.address]);
  });

  define("rejects with UNAVAILABLE when the listener has no room for those that arrive", async (workbench) => {
    const counting = new Counting();
    await workbench.listen({ arrive: counting.arrive });
    counting.refuses = true;
    await assertRejects(workbench.rig.transport.connect(), Code.UNAVAILABLE);
    counting.refuses = false;
    await workbench.roundTrip();
    assertEqual(workbench.acceptedCount, 1);
    assertEqual(counting.pending, 0);
  });

  define("doesn't count who has arrived and was refused", async (workbench) => {
    const counting = new Counting();
    let refuses = true;
    await workbench.listen({
      arrive: counting.arrive,
      admit() {
        if (refuses) {
          throw new StatusError(Code.PERMISSION_DENIED, "no");
        }
        return undefined;
      },
    });
    await workbench.rig.transport.connect().then(
      () => assertEqual("connected", "refused"),
      () => {},
    );
    refuses = false;
    // By then the listener knows.
    await workbench.roundTrip();
    assertEqual(counting.pending, 0);
    assertEqual(counting.addresses.length, 2);
  });
}
