/** Who may act: a named lease is held by one node at a time, with an epoch that grows at every change of hands. */
export interface Lease {
  readonly name: string;
  readonly epoch: number;
  /** False once this node's own monotonic deadline has passed, which is before the lease ends in the database. */
  held(): boolean;
}

export interface Leases {
  /** Takes the lease when it is free, over, or already this node's; undefined while another node has it. */
  acquire(name: string): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
}
