import { expect, test } from "vitest";

import { ALONE_AFTER_MS, Attendance } from "../src/session/attendance";

function aRoom() {
  const room = { time: 0, visible: true, told: [] as boolean[] };
  const attendance = new Attendance({ now: () => room.time, isVisible: () => room.visible, tell: (is) => room.told.push(is) });
  return { room, attendance };
}

test("a page that nobody touches is alone after a while, and attended with the next touch", () => {
  const { room, attendance } = aRoom();
  attendance.look();
  room.time = ALONE_AFTER_MS - 1;
  attendance.look();
  expect(room.told).toEqual([true]);
  room.time = ALONE_AFTER_MS;
  attendance.look();
  attendance.look();
  expect(room.told).toEqual([true, false]);
  attendance.sign();
  expect(room.told).toEqual([true, false, true]);
});

test("a page that nobody sees is alone at once, and attended when it is seen again in time", () => {
  const { room, attendance } = aRoom();
  attendance.look();
  room.visible = false;
  attendance.look();
  room.visible = true;
  attendance.look();
  expect(room.told).toEqual([true, false, true]);
});
