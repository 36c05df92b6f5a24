/** Charts, each laid out once: many actors share a machine, and a layout takes a tenth of a second or more. */
import { useEffect, useState } from 'react';
import Elk from 'elkjs/lib/elk-api.js';
import { chartOf } from '../chart.ts';
import type { Chart } from '../chart.ts';
import { layoutChart } from '../chart-layout.ts';
import type { ChartLayout } from '../chart-layout.ts';

export interface DrawnChart {
  readonly chart: Chart;
  readonly layout: ChartLayout;
}

/** The engine works in a thread of its own, so that the page goes on meanwhile; the build lays it beside the page. */
const elk = new Elk({ workerFactory: () => new Worker(new URL('elk-worker.min.js', location.href)) });
const drawn = new Map<string, Promise<DrawnChart | null>>();

async function draw(definition: string): Promise<DrawnChart | null> {
  const chart = chartOf(definition);
  return chart === null ? null : { chart, layout: await layoutChart(elk, chart) };
}

function drawnChart(definition: string): Promise<DrawnChart | null> {
  const known = drawn.get(definition);
  if (known !== undefined) return known;
  // A definition that the engine cannot lay out has no drawing; everything else about its actor is still shown.
  const made = draw(definition).catch(() => null);
  drawn.set(definition, made);
  return made;
}

/** The chart of a definition: undefined while it is laid out, null where there is none. */
export function useChart(definition: string): DrawnChart | null | undefined {
  const [made, setMade] = useState<{ readonly of: string; readonly chart: DrawnChart | null } | null>(null);
  useEffect(() => {
    let isWanted = true;
    const show = async (): Promise<void> => {
      const chart = await drawnChart(definition);
      if (isWanted) setMade({ of: definition, chart });
    };
    void show();
    return () => {
      isWanted = false;
    };
  }, [definition]);
  return made?.of === definition ? made.chart : undefined;
}
