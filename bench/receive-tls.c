/*
 * The floor over TLS: what receive.c does, through OpenSSL as the system has it. Each socket is read 80 KiB at a time,
 * and records gather to 256 KiB before they are written in place.
 *
 *   receive-tls OUTPUT BYTES HOST PATH CA PORT [PORT ...]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GATHER = 1 << 18, READ_AHEAD = 80 << 10 };

struct lane {
  SSL *ssl;
  int headed, filled;
  long long at, end;
  char gathered[GATHER];
};

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void write_out(int out, struct lane *lane) {
  for (int done = 0; done < lane->filled;) {
    ssize_t wrote = pwrite(out, lane->gathered + done, lane->filled - done, lane->at);
    if (wrote < 0) die("pwrite");
    done += wrote;
    lane->at += wrote;
  }
  lane->filled = 0;
}

/* Takes all that has come; 1 once the lane has its range. */
static int take(int out, struct lane *lane) {
  for (;;) {
    int got = SSL_read(lane->ssl, lane->gathered + lane->filled, GATHER - lane->filled);
    if (got <= 0) {
      if (SSL_get_error(lane->ssl, got) != SSL_ERROR_WANT_READ) die("SSL_read");
      return 0;
    }
    lane->filled += got;
    if (!lane->headed) {
      char *end = memmem(lane->gathered, lane->filled, "\r\n\r\n", 4);
      if (end == NULL) continue;
      lane->headed = 1;
      lane->filled -= end + 4 - lane->gathered;
      memmove(lane->gathered, end + 4, lane->filled);
    }
    if (lane->filled == GATHER || lane->at + lane->filled >= lane->end) write_out(out, lane);
    if (lane->at >= lane->end) return 1;
  }
}

int main(int argc, char **argv) {
  if (argc < 7) return 2;
  int lanes = argc - 6, open_lanes = lanes;
  long long total = atoll(argv[2]);
  int out = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (out < 0) die("open");
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_locations(context, argv[5], NULL) != 1) die("authority");
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
  struct lane *all = calloc(lanes, sizeof *all);
  int poll = epoll_create1(0);
  for (int i = 0; i < lanes; i++) {
    struct lane *lane = &all[i];
    lane->at = total / lanes * i;
    lane->end = i == lanes - 1 ? total : total / lanes * (i + 1);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[6 + i]))};
    inet_pton(AF_INET, argv[3], &address.sin_addr);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    lane->ssl = SSL_new(context);
    SSL_set_fd(lane->ssl, fd);
    if (SSL_connect(lane->ssl) != 1) die("SSL_connect");
    char request[1024];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\nRange: bytes=%lld-%lld\r\n\r\n", argv[4],
                          argv[3], lane->at, lane->end - 1);
    if (SSL_write(lane->ssl, request, length) != length) die("SSL_write");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = lane};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
  while (open_lanes > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      struct lane *lane = events[i].data.ptr;
      if (!take(out, lane)) continue;
      close(SSL_get_fd(lane->ssl));
      open_lanes--;
    }
  }
  return 0;
}
