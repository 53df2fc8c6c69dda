import { createHash } from 'node:crypto';
import type { HealthModel } from '../health/types.ts';

/** SHA-256 in hex of all in the model that bears on a score; names, the order of keys and comments do not. */
export function hashModel(model: HealthModel): string {
  const { id, limits, dimensions } = model;
  const canonical = [
    id,
    limits.concerning,
    limits.healthy,
    dimensions.map((dimension) => [
      dimension.id,
      dimension.weight,
      dimension.measures.map(({ metric, weight, bands }) => [
        metric,
        weight,
        [bands.poor, bands.concerning, bands.healthy].map((bound) => bound && Object.entries(bound).sort()),
      ]),
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
