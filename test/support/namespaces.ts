import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { addNamespace } from './requirements.js';

const run = promisify(execFile);
/** Names of namespaces: `heartbeat-<pid of the creating process>-<number>`. */
const NAME = /^heartbeat-(\d+)-\d+$/;
/** The folder in which `ip netns` keeps namespaces. */
const NAMESPACES = '/run/netns';

let created = 0;

/** One end of the link between a site and the server. Packets are dropped where they arrive. */
export type End = 'server' | 'site';

/** A simulated host: a network namespace, whose programs see only its own interfaces. */
export class Host {
  /** The command prefix that runs a program on this host. */
  readonly launcher: readonly string[];

  private constructor(readonly name: string) {
    this.launcher = ['ip', 'netns', 'exec', name];
  }

  static async create(): Promise<Host> {
    const name = `heartbeat-${process.pid}-${++created}`;
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
   * Limits the kernel buffers to `bytes` per TCP connection and direction. Applies to later connections.
   */
  async limitBuffers(bytes: number): Promise<void> {
    for (const name of ['tcp_wmem', 'tcp_rmem']) {
      const file = `/proc/sys/net/ipv4/${name}`;
      await this.exec('sh', '-c', `echo 4096 ${Math.min(bytes, 16_384)} ${bytes} > ${file}`);
    }
  }

  /** Runs a command on this host and returns its output. */
  exec(...command: string[]): Promise<string> {
    return output('ip', ['netns', 'exec', this.name, ...command]);
  }
}

/** A host with its own link to the server. Faults of the link affect no other site. */
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

  /** The address of the server for this site, in a network for documentation (RFC 5737). */
  get serverAddress(): string {
    return `192.0.2.${4 * this.number + 1}`;
  }

  get address(): string {
    return `192.0.2.${4 * this.number + 2}`;
  }

  /** Drops packets that arrive at one end: all of them, or a random share. */
  async lose(at: End, share = 1): Promise<void> {
    const some = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
    await this.filter(at, ...(share < 1 ? some : []), '-j', 'DROP');
  }

  /** Rejects all packets that arrive at the server with a TCP reset. */
  async refuse(): Promise<void> {
    await this.filter('server', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset');
  }

  /** Stops dropping and rejecting packets. */
  async heal(): Promise<void> {
    await Promise.all([
      this.server.exec('iptables', '-w', '-F', this.chain),
      this.host.exec('iptables', '-w', '-F', this.chain),
    ]);
  }

  /** Takes the interface at one end down, as an unplugged cable does. */
  async unplug(at: End): Promise<void> {
    await this.at(at).ip('link', 'set', this.link, 'down');
  }

  /** Limits the link to `rate` bytes per second in each direction, with a queue of 200 ms, but at least 20 kB. */
  async limit(rate: number): Promise<void> {
    const bucket = ['rate', `${8 * rate}bit`, 'burst', '3200'];
    const queue = ['limit', String(Math.max(20_000, rate / 5))];
    for (const end of [this.server, this.host]) {
      const device = ['tc', 'qdisc', 'replace', 'dev', this.link, 'root'];
      await end.exec(...device, 'tbf', ...bucket, ...queue);
    }
  }

  /**
   * Sets the minimum retransmission timeout of both ends to 10 ms instead of the 200 ms of Linux. The timeout doubles
   * with each attempt, so more attempts fit into the same time. Applies to later connections.
   */
  async retransmitFast(): Promise<void> {
    for (const [end, source] of [
      [this.server, this.serverAddress],
      [this.host, this.address],
    ] as const) {
      const route = [`192.0.2.${4 * this.number}/30`, 'dev', this.link, 'src', source];
      const kind = ['proto', 'kernel', 'scope', 'link'];
      await end.ip('route', 'change', ...route, ...kind, 'rto_min', '10ms');
    }
  }

  /** Number of packets that the current rules dropped at one end. */
  async lost(at: End): Promise<number> {
    const table = await this.at(at).exec('iptables', '-w', '-vnxL', this.chain);
    return Number(/^\s*(\d+)\s+\d+\s+DROP/m.exec(table)?.[1] ?? 0);
  }

  /** The TCP sockets of the server host for this site, in any state. */
  async sockets(): Promise<string[]> {
    const list = await this.server.exec('ss', '-Htan', 'dst', this.address);
    return list.split('\n').filter((line) => line !== '');
  }

  private get link(): string {
    return `site${this.number}`;
  }

  /** The iptables chain of this site, at both ends. Faults of several sites are independent. */
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

/** A server and its sites. All of them are in namespaces, without a connection to the outside. */
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

  /** Ends all processes in the namespaces, and removes the namespaces. */
  remove(): void {
    for (const { name } of this.hosts) removeNamespace(name);
  }
}

/** Removes the namespaces of test runs that were killed. */
function removeLeftovers(): void {
  if (!existsSync(NAMESPACES)) return;
  for (const name of readdirSync(NAMESPACES)) {
    const [, pid] = NAME.exec(name) ?? [];
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
      // The process has already ended.
    }
  }
  execFileSync('ip', ['netns', 'delete', name]);
}

async function output(command: string, args: string[]): Promise<string> {
  return (await run(command, args)).stdout;
}
