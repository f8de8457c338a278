/*
 * Tells when the rules between two pods begin to let packets pass, and when they stop, to a fraction of a millisecond.
 *
 *   blast NETNS ADDRESS PORT RATE
 *
 * Started in the sender's network namespace; NETNS is the file of the receiver's. Sends RATE datagrams a second to
 * ADDRESS, which nobody answers: each is judged as that of a new connection. On a veth a datagram is carried to the
 * receiver's socket, or dropped, within the system call that sends it, so that the time of that call is the time of the
 * verdict. One line of JSON for every change of the verdict:
 *
 *   {"passes":true,"at":N,"before":N,"strays":N}
 *
 * `at` is when the first datagram was sent that met the new verdict, `before` when the one before it was, both in
 * nanoseconds of CLOCK_MONOTONIC, which all processes of the machine share; `strays` counts datagrams since the last
 * change whose fate was another than that of those around them, which none should be. Ends when its standard input does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A datagram that has not arrived by then does not arrive. It says when a change is told, not when it was. */
static const int64_t LATE = 50000000;

/* Numbers of datagrams whose fate is remembered: those of LATE, at any rate that is asked for. */
#define REMEMBERED (1 << 16)

static int64_t sent_at[REMEMBERED];

static void fail(const char *what) {
    fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int datagram_socket(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    return fd;
}

static int receiver(const char *namespace, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd, at = open(namespace, O_RDONLY | O_CLOEXEC);
    if (at < 0) fail(namespace);
    if (setns(at, CLONE_NEWNET) != 0) fail("setns");
    close(at);
    fd = datagram_socket();
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    return fd;
}

static void tell(bool passes, int64_t at, int64_t before, long strays) {
    printf("{\"passes\":%s,\"at\":%lld,\"before\":%lld,\"strays\":%ld}\n", passes ? "true" : "false", (long long)at,
           (long long)before, strays);
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct sched_param priority = {.sched_priority = 1};
    int64_t due, period, time;
    /* The number of the datagram that is sent next, and of the last that has arrived. */
    int64_t next = 1, arrived = 0;
    /* The verdict that was told last, and the first datagram that met it. */
    bool passes = false;
    int64_t since = 1;
    long strays = 0;
    int out, in;

    if (argc != 5) {
        fprintf(stderr, "blast: the head of blast.c tells the arguments\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    to.sin_port = htons((uint16_t)atoi(argv[3]));
    if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) {
        fprintf(stderr, "blast: not an IPv4 address: %s\n", argv[2]);
        return 1;
    }
    period = (int64_t)(1e9 / atof(argv[4]));
    out = datagram_socket();
    in = receiver(argv[1], atoi(argv[3]));
    if (fcntl(0, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
    /* It is asleep nearly always, and on time only if it need not wait for those that are not. */
    if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0 && errno != EPERM) fail("sched_setscheduler");

    due = now();
    for (;;) {
        struct timespec until;
        int64_t number;
        char byte;

        sent_at[next % REMEMBERED] = now();
        /* ECONNREFUSED and the like: of a REJECT, or of a receiver that is still to be. They are what is measured. */
        if (sendto(out, &next, sizeof next, 0, (struct sockaddr *)&to, sizeof to) < 0 && errno == EINVAL) fail("sendto");
        next++;
        while (recv(in, &number, sizeof number, 0) == sizeof number) {
            if (passes) {
                strays += number - arrived - 1;
            } else if (number > since) {
                /* The first one that passes. */
                passes = true;
                since = number;
                tell(true, sent_at[number % REMEMBERED], sent_at[(number - 1) % REMEMBERED], strays);
                strays = 0;
            } else {
                strays++;
            }
            arrived = number;
        }
        time = now();
        if (passes && arrived + 1 < next && time - sent_at[(arrived + 1) % REMEMBERED] > LATE) {
            passes = false;
            since = arrived + 1;
            tell(false, sent_at[since % REMEMBERED], sent_at[arrived % REMEMBERED], strays);
            strays = 0;
        }
        if (next % 256 == 0 && read(0, &byte, 1) == 0) return 0;
        due += period;
        /* What was missed is not made up for. */
        if (due < time) due = time + period;
        until.tv_sec = due / 1000000000;
        until.tv_nsec = due % 1000000000;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
        }
    }
}
