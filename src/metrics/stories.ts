/**
 * The stories that a screen tells: what each server and each segment went through, with times, and what was decided. A
 * pure fold over the event tap, bounded, so that a long download costs no more memory than a short one.
 */
import { SEGMENT_STORIES_MAX, STORY_LINES_MAX } from '../base/bounds.ts';
import type { Decision } from '../machines/decisions.ts';
import type { CourseEvent, DownloadEvent, SegmentEvent, ServerEvent } from './events.ts';

export type ServerStory = readonly (ServerEvent | Decision)[];
export type SegmentStory = readonly SegmentEvent[];

export interface Stories {
  /** When the first event came; times are told from here. */
  readonly beganAtMs: number | null;
  readonly course: readonly CourseEvent[];
  /** The last of them, … */
  readonly decisions: readonly Decision[];
  /** …and how many there were in all: who says each once tells by it what is new. */
  readonly decisionsTold: number;
  readonly servers: ReadonlyMap<number, ServerStory>;
  /** By number, in the order of their births; those long done are forgotten first. */
  readonly segments: ReadonlyMap<number, SegmentStory>;
}

export const NO_STORIES: Stories = { beganAtMs: null, course: [], decisions: [], decisionsTold: 0, servers: new Map(), segments: new Map() };

const longer = <Line>(lines: readonly Line[] | undefined, line: Line): readonly Line[] => [...(lines ?? []), line].slice(-STORY_LINES_MAX);

const isDone = (story: SegmentStory): boolean => story.at(-1)?.state === 'done';

function withSegment(segments: Stories['segments'], event: SegmentEvent): Stories['segments'] {
  const told = new Map(segments).set(event.segmentId, longer(segments.get(event.segmentId), event));
  if (told.size <= SEGMENT_STORIES_MAX) return told;
  for (const [segmentId, story] of told) {
    if (!isDone(story)) continue;
    told.delete(segmentId);
    break;
  }
  return told;
}

/** The stories after one more event. */
export function told(stories: Stories, event: DownloadEvent): Stories {
  const since = { ...stories, beganAtMs: stories.beganAtMs ?? event.atMs };
  switch (event.type) {
    case 'course':
      return { ...since, course: longer(stories.course, event) };
    case 'server':
      return { ...since, servers: new Map(stories.servers).set(event.mirrorId, longer(stories.servers.get(event.mirrorId), event)) };
    case 'segment':
      return { ...since, segments: withSegment(stories.segments, event) };
    case 'decision': {
      const heard = { ...since, decisions: longer(stories.decisions, event), decisionsTold: stories.decisionsTold + 1 };
      if (event.mirrorId === undefined) return heard;
      return { ...heard, servers: new Map(stories.servers).set(event.mirrorId, longer(stories.servers.get(event.mirrorId), event)) };
    }
  }
}
