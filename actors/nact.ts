/** The only door to nact: actors that take one kind of nudge, under parents that take none. */
import { dispatch, type Ref, spawn, start, stop } from 'nact';

export type Parent = Ref<unknown>;
export interface Actor {
  /** Schedules one run of the handler in a later turn of the event loop. */
  nudge(): void;
  stop(): void;
}

/** A system of actors. Its direct children get no messages, so nact never copies their children's map. */
export const actorSystem = (): Parent => start() as Parent;

let spawned = 0;
const nothing = () => null;

export const spawnParent = (system: Parent, name: string): Parent =>
  spawn(system, nothing, `${name}-${++spawned}`) as Parent;

/** Names are numbers: nact refuses ':' and frees a name before its actor has come to rest. `run` must not throw. */
export const spawnActor = (parent: Parent, run: () => void): Actor => {
  const handler = () => {
    run();
    return null;
  };
  const ref = spawn(parent, handler, `a${++spawned}`) as Ref<null>;
  return { nudge: () => dispatch(ref, null), stop: () => stop(ref) };
};

export const stopParent = (parent: Parent): void => stop(parent);
