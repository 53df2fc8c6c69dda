export type Workspace = { team: { id: string } };
