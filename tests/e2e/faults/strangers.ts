/** Others that answer in the server's place, readable for the page as if they were it. */
import { pause } from "../support/until.ts";
import { plain } from "./answers.ts";
import type { Fault } from "./fault.ts";
import { pass, type Answer, type Behaviour } from "./proxy.ts";
import { recordSlowly, untilHarmed } from "./scene.ts";

export const strangers: readonly Fault[] = [
  stranger("captive portal", plain(200, "<!doctype html><title>Welcome to the hotel</title>")),
  stranger("redirect", plain(302, "", { location: "/login" })),
  stranger("firewall's 403", plain(403, "<!doctype html><title>Request blocked</title>Incident 4711")),
  stranger("somebody's 404", plain(404, '{"error":"no route","success":true}', { "content-type": "application/json" })),
];

/** It answers everything, and goes after a while. */
function stranger(name: string, answer: Answer): Fault {
  return {
    name,
    run: async (scene) => {
      const tab = await scene.open();
      scene.proxy.behave(always(answer));
      scene.proxy.behaveElsewhere(always(answer));
      await recordSlowly(tab, scene.count);
      await pause(scene.outage / 4);
      await untilHarmed(scene, 1);
      scene.proxy.behave(pass);
      scene.proxy.behaveElsewhere(pass);
    },
  };
}

/** Preflights are let through, so that the request itself meets the stranger. */
function always(theirs: Answer): Behaviour {
  return ({ method, answer }) => answer(method === "OPTIONS" ? { ...theirs, status: 204, headers: letThrough } : theirs);
}

const letThrough = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
};
