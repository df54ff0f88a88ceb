#include "internal.h"

#include <stdlib.h>
#include <string.h>

static size_t write_header(uint8_t *at, uint8_t first, size_t count) {
  at[0] = first;
  if (count < 126) {
    at[1] = (uint8_t)count;
    return 2;
  }
  at[1] = 126;
  at[2] = (uint8_t)(count >> 8);
  at[3] = (uint8_t)count;
  return 4;
}

cws_frame *cws_frame_create(const uint8_t *payload, size_t count, bool binary) {
  size_t fragments = count == 0 ? 1 : (count + CWS_FRAGMENT_PAYLOAD - 1) / CWS_FRAGMENT_PAYLOAD;
  cws_frame *frame = malloc(sizeof *frame + count + fragments * 4);
  if (!frame) return NULL;
  frame->references = 1;
  uint8_t *at = frame->bytes;
  uint8_t opcode = binary ? 0x02 : 0x01;
  do {
    size_t part = count < CWS_FRAGMENT_PAYLOAD ? count : CWS_FRAGMENT_PAYLOAD;
    at += write_header(at, part == count ? opcode | 0x80 : opcode, part);
    if (part) memcpy(at, payload, part);
    at += part;
    payload += part;
    count -= part;
    opcode = 0x00;
  } while (count);
  frame->size = (size_t)(at - frame->bytes);
  return frame;
}

void cws_frame_retain(cws_frame *frame) {
  frame->references++;
}

void cws_frame_release(cws_frame *frame) {
  if (--frame->references == 0) free(frame);
}

size_t cws_frame_size(const cws_frame *frame) {
  return frame->size;
}
