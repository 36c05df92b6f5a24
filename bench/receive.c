/*
 * The floor: receives one file over plain HTTP from several servers at once and writes it in place, with nothing but
 * epoll, recv into 1 MiB and pwrite. No checks, no retries, no journal: what the kernel alone costs.
 *
 *   receive OUTPUT BYTES HOST PATH PORT [PORT ...]
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

struct lane {
  int fd, headed, filled;
  long long at, end;
  char head[8192];
};

static void die(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  int lanes = argc - 5, open_lanes = lanes;
  long long total = atoll(argv[2]);
  int out = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (out < 0) die("open");
  struct lane *all = calloc(lanes, sizeof *all);
  char *buffer = malloc(BUFFER);
  int poll = epoll_create1(0);
  for (int i = 0; i < lanes; i++) {
    struct lane *lane = &all[i];
    lane->at = total / lanes * i;
    lane->end = i == lanes - 1 ? total : total / lanes * (i + 1);
    lane->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[5 + i]))};
    inet_pton(AF_INET, argv[3], &address.sin_addr);
    if (connect(lane->fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    char request[1024];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\nRange: bytes=%lld-%lld\r\n\r\n", argv[4],
                          argv[3], lane->at, lane->end - 1);
    if (write(lane->fd, request, length) != length) die("write");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = lane};
    epoll_ctl(poll, EPOLL_CTL_ADD, lane->fd, &event);
  }
  while (open_lanes > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      struct lane *lane = events[i].data.ptr;
      ssize_t got = recv(lane->fd, buffer, BUFFER, 0);
      if (got <= 0) die("recv");
      char *body = buffer;
      if (!lane->headed) {
        int room = (int)sizeof lane->head - 1 - lane->filled, copied = got < room ? (int)got : room;
        memcpy(lane->head + lane->filled, buffer, copied);
        lane->filled += copied;
        lane->head[lane->filled] = 0;
        char *end = strstr(lane->head, "\r\n\r\n");
        if (end == NULL) continue;
        lane->headed = 1;
        body = buffer + (end + 4 - lane->head) - (lane->filled - copied);
        got -= body - buffer;
      }
      for (ssize_t done = 0; done < got;) {
        ssize_t wrote = pwrite(out, body + done, got - done, lane->at);
        if (wrote < 0) die("pwrite");
        done += wrote;
        lane->at += wrote;
      }
      if (lane->at >= lane->end) {
        close(lane->fd);
        open_lanes--;
      }
    }
  }
  return 0;
}
