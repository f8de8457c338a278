/*
 * The load generator of the benchmarks of enforcement: what it adds to a packet's way must be small beside that way,
 * and Node's event loop is not. Started inside a network namespace; prints one line of JSON.
 *
 *   load serve PORT CPU                                 accept and close at once, for ever; prints "ready" first
 *   load sink PORT CPU                                  accept and throw away all that comes, for ever; likewise
 *   load connect ADDRESS PORT CPU MILLISECONDS          connections one after the other, as fast as they go
 *   load latency ADDRESS PORT CPU MILLISECONDS RATE     connections at a fixed rate; how long each connect() took
 *   load bulk ADDRESS PORT CPU MILLISECONDS STREAMS PID as many bytes as go through; PID is that of the sink
 *   load flush                                          empties the namespace's connection tracking table
 *
 * CPU is the number of a processor to stay on, or -1.
 *
 * connect() blocks: on a veth, SYN and SYN-ACK are carried through all three namespaces before the system call gets
 * to sleep, so that a connection costs no switch of context, and the packets' way is most of what it costs. Connections
 * end by RST (SO_LINGER 0): no TIME_WAIT uses up the ports, and of the four packets of a connection one is new.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t clock_nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now(void) {
    return clock_nanoseconds(CLOCK_MONOTONIC);
}

static void stay_on(int cpu) {
    cpu_set_t set;
    if (cpu < 0) return;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) fail("sched_setaffinity");
}

static void end_by_reset(int fd) {
    struct linger linger = {1, 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) != 0) fail("SO_LINGER");
}

static struct sockaddr_in address_of(const char *host, const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "load: not an IPv4 address: %s\n", host);
        exit(1);
    }
    return address;
}

static int listen_on(const char *port, int flags) {
    struct sockaddr_in address = address_of("0.0.0.0", port);
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    if (fd < 0) fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0) fail("SO_REUSEADDR");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    /* net.core.somaxconn of the namespace is raised to this by whoever starts us. */
    if (listen(fd, 65535) != 0) fail("listen");
    puts("ready");
    fflush(stdout);
    return fd;
}

/*
 * Nobody sleeps in accept(): to wake a task on another processor costs an interrupt there, in a virtual machine more
 * than all the rest of a connection, and that is what would be measured. The queue has room for a second's connections.
 */
static void serve(int listener) {
    struct timespec pause = {0, 1000000};
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) close(fd);
        else if (errno == EAGAIN) nanosleep(&pause, NULL);
        else if (errno != ECONNABORTED && errno != EINTR) fail("accept");
    }
}

static void *throw_away(void *argument) {
    int fd = (int)(intptr_t)argument;
    /* Woken once in a while instead of by every packet, for the same reason. */
    int at_least = 1 << 19;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &at_least, sizeof at_least) != 0) fail("SO_RCVLOWAT");
    /* MSG_TRUNC: TCP lets go of the bytes without copying them, so that the sender is what limits. */
    while (recv(fd, NULL, 1 << 20, MSG_TRUNC) > 0) {
    }
    close(fd);
    return NULL;
}

static void sink(int listener) {
    for (;;) {
        pthread_t thread;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == ECONNABORTED || errno == EINTR) continue;
            fail("accept");
        }
        if (pthread_create(&thread, NULL, throw_away, (void *)(intptr_t)fd) != 0) fail("pthread_create");
        pthread_detach(thread);
    }
}

/* Nobody waits that long for a connection within a machine, unless a packet was lost and sent again after a second. */
static const int64_t SUSPICIOUS = 900000000;

/* Nanoseconds from the call of connect() until it is connected. Counts connections of which a packet was lost. */
static int64_t connect_once(const struct sockaddr_in *address, long *retransmitted) {
    int64_t started, ended;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    end_by_reset(fd);
    started = now();
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) fail("connect");
    ended = now();
    if (ended - started > SUSPICIOUS) {
        struct tcp_info info;
        socklen_t length = sizeof info;
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) fail("TCP_INFO");
        if (info.tcpi_total_retrans > 0) ++*retransmitted;
    }
    close(fd);
    return ended - started;
}

static void connections(const struct sockaddr_in *address, int64_t duration) {
    long count = 0, retransmitted = 0;
    int64_t started = now(), time;
    /* With the packets' way, which the kernel goes within our system calls. */
    int64_t busy = clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    do {
        connect_once(address, &retransmitted);
        count++;
        time = now();
    } while (time - started < duration);
    busy = clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - busy;
    printf("{\"connections\":%ld,\"retransmitted\":%ld,\"seconds\":%.9f,\"busy\":%.9f}\n", count, retransmitted,
           (double)(time - started) / 1e9, (double)busy / 1e9);
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void latency(const struct sockaddr_in *address, int64_t duration, double rate) {
    long wanted = (long)((double)duration / 1e9 * rate), retransmitted = 0;
    int64_t *samples = malloc((size_t)wanted * sizeof *samples);
    int64_t started = now();
    if (samples == NULL || wanted == 0) fail("no samples");
    for (long i = 0; i < wanted; i++) {
        int64_t due = started + (int64_t)((double)i / rate * 1e9);
        struct timespec until = {due / 1000000000, due % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
        }
        samples[i] = connect_once(address, &retransmitted);
    }
    qsort(samples, (size_t)wanted, sizeof *samples, ascending);
    printf("{\"connections\":%ld,\"retransmitted\":%ld,\"median\":%.3f,\"p99\":%.3f}\n", wanted, retransmitted,
           (double)samples[(wanted + 1) / 2 - 1] / 1000, (double)samples[(wanted * 99 + 99) / 100 - 1] / 1000);
    free(samples);
}

struct stream {
    const struct sockaddr_in *address;
    int64_t until;
    int64_t bytes;
    long retransmitted;
    pthread_t thread;
};

static char zeros[1 << 18];

static void *send_stream(void *argument) {
    struct stream *stream = argument;
    /*
     * A processor's queue between two veths takes 1,000 packets (net.core.netdev_max_backlog); without a bound TCP
     * sends until it overflows, and then losses are measured.
     */
    int on_the_way = 200000;
    struct tcp_info info;
    socklen_t length = sizeof info;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    end_by_reset(fd);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &on_the_way, sizeof on_the_way) != 0) fail("SO_SNDBUF");
    if (connect(fd, (const struct sockaddr *)stream->address, sizeof *stream->address) != 0) fail("connect");
    while (now() < stream->until) {
        ssize_t sent = send(fd, zeros, sizeof zeros, MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        stream->bytes += sent;
    }
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) fail("TCP_INFO");
    stream->retransmitted = info.tcpi_total_retrans;
    close(fd);
    return NULL;
}

static void bulk(const struct sockaddr_in *address, int64_t duration, int count, pid_t sink_process) {
    struct stream *streams = calloc((size_t)count, sizeof *streams);
    int64_t started = now(), bytes = 0, busy;
    long retransmitted = 0;
    clockid_t sink_clock;
    /* The packets' way is gone within system calls of both ends, as chance has it. */
    if ((errno = clock_getcpuclockid(sink_process, &sink_clock)) != 0) fail("clock_getcpuclockid");
    busy = clock_nanoseconds(sink_clock);
    if (streams == NULL) fail("calloc");
    for (int i = 0; i < count; i++) {
        streams[i].address = address;
        streams[i].until = started + duration;
        if (pthread_create(&streams[i].thread, NULL, send_stream, &streams[i]) != 0) fail("pthread_create");
    }
    for (int i = 0; i < count; i++) {
        pthread_join(streams[i].thread, NULL);
        bytes += streams[i].bytes;
        retransmitted += streams[i].retransmitted;
    }
    busy = clock_nanoseconds(sink_clock) - busy + clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    printf("{\"bytes\":%lld,\"retransmitted\":%ld,\"seconds\":%.9f,\"busy\":%.9f}\n", (long long)bytes,
           retransmitted, (double)(now() - started) / 1e9, (double)busy / 1e9);
    free(streams);
}

/* IPCTNL_MSG_CT_DELETE without a tuple deletes every entry of the namespace. */
static void flush_tracking(void) {
    struct {
        struct nlmsghdr header;
        struct nfgenmsg family;
    } request = {
        .header = {sizeof request, (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
        .family = {AF_UNSPEC, NFNETLINK_V0, 0},
    };
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[256];
    } answer;
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
    if (fd < 0) fail("netlink socket");
    if (sendto(fd, &request, sizeof request, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) fail("netlink send");
    if (recv(fd, &answer, sizeof answer, 0) < 0) fail("netlink receive");
    if (answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error != 0) {
        errno = -answer.error.error;
        fail("flush of connection tracking");
    }
    puts("{}");
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    /* Whoever started us may be killed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(mode, "flush") == 0 && argc == 2) {
        flush_tracking();
    } else if (argc == 4 && (strcmp(mode, "serve") == 0 || strcmp(mode, "sink") == 0)) {
        stay_on(atoi(argv[3]));
        if (mode[1] == 'e') serve(listen_on(argv[2], SOCK_NONBLOCK));
        else sink(listen_on(argv[2], 0));
    } else if (argc >= 6) {
        struct sockaddr_in address = address_of(argv[2], argv[3]);
        int64_t duration = (int64_t)(atof(argv[5]) * 1e6);
        stay_on(atoi(argv[4]));
        if (strcmp(mode, "connect") == 0) connections(&address, duration);
        else if (strcmp(mode, "latency") == 0 && argc == 7) latency(&address, duration, atof(argv[6]));
        else if (strcmp(mode, "bulk") == 0 && argc == 8) bulk(&address, duration, atoi(argv[6]), atoi(argv[7]));
        else return 2;
    } else {
        fprintf(stderr, "load: the head of load.c tells the arguments\n");
        return 2;
    }
    return 0;
}
