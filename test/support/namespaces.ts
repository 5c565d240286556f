import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { addNamespace } from './requirements.js';

const run = promisify(execFile);
/** Ours are called `heartbeat-<pid of who made it>-<number>`. */
const OURS = /^heartbeat-(\d+)-\d+$/;
/** Where `ip netns` keeps them. */
const NAMESPACES = '/run/netns';

let made = 0;

/** One end of the way between a site and the server: where packets can be lost is where they arrive. */
export type End = 'server' | 'site';

/** A host: a network namespace, in which programs see only its own interfaces. */
export class Host {
  /** What to put before a command so that it runs here. */
  readonly launcher: readonly string[];

  private constructor(readonly name: string) {
    this.launcher = ['ip', 'netns', 'exec', name];
  }

  static async create(): Promise<Host> {
    const name = `heartbeat-${process.pid}-${++made}`;
    const [command, ...args] = addNamespace(name);
    await run(command, args);
    const host = new Host(name);
    await host.ip('link', 'set', 'lo', 'up');
    return host;
  }

  ip(...args: string[]): Promise<string> {
    return output('ip', ['-n', this.name, ...args]);
  }

  /**
   * Lets the kernel keep at most so many bytes per TCP connection and direction. Holds for connections that are made
   * afterwards.
   */
  async limitBuffers(bytes: number): Promise<void> {
    for (const name of ['tcp_wmem', 'tcp_rmem']) {
      const file = `/proc/sys/net/ipv4/${name}`;
      await this.exec('sh', '-c', `echo 4096 ${Math.min(bytes, 16_384)} ${bytes} > ${file}`);
    }
  }

  /** Runs a command here and returns what it printed. */
  exec(...command: string[]): Promise<string> {
    return output('ip', ['netns', 'exec', this.name, ...command]);
  }
}

/** A host with a way of its own to the server: what is done to it is felt by nobody else. */
export class Site {
  private constructor(
    readonly host: Host,
    private readonly server: Host,
    private readonly number: number,
  ) {}

  static async join(server: Host, number: number): Promise<Site> {
    const site = new Site(await Host.create(), server, number);
    await site.connect();
    return site;
  }

  /** The address of the server, as seen from here. The net is one for documentation (RFC 5737). */
  get serverAddress(): string {
    return `192.0.2.${4 * this.number + 1}`;
  }

  get address(): string {
    return `192.0.2.${4 * this.number + 2}`;
  }

  /** Loses packets that arrive at one end: all of them, or, at random, a share. */
  async lose(at: End, share = 1): Promise<void> {
    const some = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
    await this.filter(at, ...(share < 1 ? some : []), '-j', 'DROP');
  }

  /** Loses all packets that arrive at the server, and tells who sent them that there is no such connection. */
  async refuse(): Promise<void> {
    await this.filter('server', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset');
  }

  /** Loses no packets any more. */
  async heal(): Promise<void> {
    await Promise.all([
      this.server.exec('iptables', '-w', '-F', this.chain),
      this.host.exec('iptables', '-w', '-F', this.chain),
    ]);
  }

  /** Takes the interface at one end down, as when a cable is pulled. */
  async unplug(at: End): Promise<void> {
    await this.at(at).ip('link', 'set', this.link, 'down');
  }

  /** Limits the link to so many bytes per second in each direction, with a queue of 200 ms and 20 kB at least. */
  async limit(rate: number): Promise<void> {
    const bucket = ['rate', `${8 * rate}bit`, 'burst', '3200'];
    const queue = ['limit', String(Math.max(20_000, rate / 5))];
    for (const end of [this.server, this.host]) {
      const device = ['tc', 'qdisc', 'replace', 'dev', this.link, 'root'];
      await end.exec(...device, 'tbf', ...bucket, ...queue);
    }
  }

  /**
   * Makes both ends insist on delivering what is lost: they send it again after 10 ms instead of Linux's 200 at
   * least, so that the doubling intervals leave room for more tries within the same time. Holds for
   * connections that are made afterwards.
   */
  async insist(): Promise<void> {
    for (const [end, source] of [
      [this.server, this.serverAddress],
      [this.host, this.address],
    ] as const) {
      const route = [`192.0.2.${4 * this.number}/30`, 'dev', this.link, 'src', source];
      const kind = ['proto', 'kernel', 'scope', 'link'];
      await end.ip('route', 'change', ...route, ...kind, 'rto_min', '10ms');
    }
  }

  /** How many packets were lost at one end, by the rules that hold. */
  async lost(at: End): Promise<number> {
    const table = await this.at(at).exec('iptables', '-w', '-vnxL', this.chain);
    return Number(/^\s*(\d+)\s+\d+\s+DROP/m.exec(table)?.[1] ?? 0);
  }

  /** The sockets that the server's system keeps for this site, in whatever state. */
  async sockets(): Promise<string[]> {
    const list = await this.server.exec('ss', '-Htan', 'dst', this.address);
    return list.split('\n').filter((line) => line !== '');
  }

  private get link(): string {
    return `site${this.number}`;
  }

  /** The rules for this site, at both ends: faults of several sites begin and end without each other. */
  private get chain(): string {
    return this.link;
  }

  private at(end: End): Host {
    return end === 'server' ? this.server : this.host;
  }

  private async connect(): Promise<void> {
    const { host, server, link, chain } = this;
    const peer = ['peer', 'name', link, 'netns', host.name];
    await server.ip('link', 'add', link, 'type', 'veth', ...peer);
    for (const [end, address] of [
      [server, this.serverAddress],
      [host, this.address],
    ] as const) {
      await end.ip('address', 'add', `${address}/30`, 'dev', link);
      await end.ip('link', 'set', link, 'up');
      await end.exec('iptables', '-w', '-N', chain);
      await end.exec('iptables', '-w', '-A', 'INPUT', '-i', link, '-j', chain);
    }
  }

  private async filter(at: End, ...rule: string[]): Promise<void> {
    await this.at(at).exec('iptables', '-w', '-A', this.chain, ...rule);
  }
}

/** A server and its sites. All of it lies in namespaces: nothing of it is seen, or leaves, outside. */
export class Network {
  readonly hosts: Host[];
  private sites = 0;

  private constructor(readonly server: Host) {
    this.hosts = [server];
  }

  static async create(): Promise<Network> {
    removeLeftovers();
    return new Network(await Host.create());
  }

  async addSite(): Promise<Site> {
    const site = await Site.join(this.server, this.sites++);
    this.hosts.push(site.host);
    return site;
  }

  /** Ends what runs in the namespaces, and removes them. */
  remove(): void {
    for (const { name } of this.hosts) removeNamespace(name);
  }
}

/** What runs that were killed left behind. */
function removeLeftovers(): void {
  if (!existsSync(NAMESPACES)) return;
  for (const name of readdirSync(NAMESPACES)) {
    const [, pid] = OURS.exec(name) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    try {
      removeNamespace(name);
    } catch {
      // Another run removes it at the same time.
    }
  }
}

function removeNamespace(name: string): void {
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of pids.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  execFileSync('ip', ['netns', 'delete', name]);
}

async function output(command: string, args: string[]): Promise<string> {
  return (await run(command, args)).stdout;
}
