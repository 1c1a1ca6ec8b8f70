import { Delivery } from './devices/delivery.ts';
import { Devices, type DeviceSpec } from './devices/devices.ts';
import type { Stored } from './devices/mailbox.ts';
import { Faults } from './faults/faults.ts';
import { DownstreamHistory } from './history/downstream-history.ts';
import { Events } from './history/events.ts';
import type { Settings } from './settings.ts';
import type { Clock } from './time/clock.ts';
import { random, type Random } from './time/random.ts';
import { Schedule } from './time/schedule.ts';

/** A wire, such as CCS: what the backend notifies it of. */
export interface BackendListener {
  /** A message has reached a device. */
  delivered(stored: Stored, token: string): void;
  /** A device is online. */
  online(token: string): void;
  settingsChanged(): void;
  /** Everything but the connections is to return to its initial state. */
  reset(): void;
}

export interface BackendOptions {
  readonly seed: string;
  readonly historyLimit: number;
}

/** What all wires share: devices, faults, histories, settings and time. It knows no wire. */
export class Backend {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly historyLimit: number;
  readonly events: Events;
  readonly devices = new Devices();
  readonly faults: Faults;
  readonly history: DownstreamHistory;
  readonly delivery: Delivery;
  readonly #seed: string;
  readonly #initialSettings: Settings;
  readonly #listeners: BackendListener[] = [];
  #settings: Settings;

  constructor({ seed, historyLimit }: BackendOptions, settings: Settings, clock: Clock) {
    this.clock = clock;
    this.historyLimit = historyLimit;
    this.#seed = seed;
    this.#settings = this.#initialSettings = settings;
    this.schedule = new Schedule(clock);
    this.events = new Events(() => clock.now());
    this.faults = new Faults(this.random('rules'));
    this.history = new DownstreamHistory(historyLimit);
    this.delivery = new Delivery({
      devices: this.devices,
      events: this.events,
      schedule: this.schedule,
      historyLimit,
      settings: () => this.#settings,
      now: () => clock.now(),
      delivered: (stored, token) => this.#tell((listener) => listener.delivered(stored, token)),
    });
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** A new random stream for one concern. */
  random(concern: string): Random {
    return random(this.#seed, concern);
  }

  attach(listener: BackendListener): void {
    this.#listeners.push(listener);
  }

  changeSettings(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#tell((listener) => listener.settingsChanged());
  }

  putDevice(token: string, spec: DeviceSpec): void {
    this.devices.put(token, spec);
    if (!spec.online) return;
    this.delivery.online(token);
    this.#tell((listener) => listener.online(token));
  }

  /** Returns everything but the connections to its initial state. */
  reset(): void {
    this.#settings = this.#initialSettings;
    for (const part of [this.devices, this.faults, this.history, this.delivery]) part.clear();
    this.#tell((listener) => listener.reset());
  }

  /** Cancels every timer. */
  stop(): void {
    this.schedule.close();
  }

  #tell(call: (listener: BackendListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }
}
