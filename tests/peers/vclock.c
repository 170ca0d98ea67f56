// A virtual CLOCK_REALTIME for one process, loaded before it by LD_PRELOAD.
//
// Some time daemons do not run unless they may steer the clock. Under this library they steer one of
// their own: reading, setting and slewing act on it, and the kernel's clock is never touched. It runs
// as the kernel's does, plus an offset and a rate. Kernel timestamps of datagrams are moved by as
// much, so that a server under it serves the time of its own clock.
//
// VCLOCK_OFFSET  offset at the start, seconds, as in 0.25
// VCLOCK_PPM     rate error, parts per million
// VCLOCK_JUMP    when and by how much somebody else steps it, seconds after the start, as in 3,-0.5
// VCLOCK_STATUS  status bits at the start, as in 0x10 for STA_INS
// VCLOCK_TAI     TAI-UTC at the start, seconds
// VCLOCK_LOG     a file that gets one line for each change, with the clock's true error after it, and
//                with TAI-UTC, the status bits and the state of leap seconds that it then has
//
// Leap seconds are inserted and removed as the kernel does it: told by STA_INS and STA_DEL, at the end
// of the day on which it first sees them, TAI-UTC with them.
//
// It does not reach programs that are linked statically or call the kernel by themselves, nor
// sleeping until an absolute time. A slew by adjtime or ADJ_OFFSET is done at once.
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define BILLION 1000000000LL
#define DAY 86400
// The greatest TAI-UTC that a kernel takes; by how much its error bound grows each second, and up to
// which a clock counts as synchronised, in microseconds.
#define MOST_TAI 100000
#define MOST_DRIFT 500
#define MOST_ERROR 16000000
// Bits of timex.modes that the headers of user space do not name.
#define MODE_SINGLESHOT_READ (ADJ_OFFSET_SINGLESHOT | 0x2000)
// Control messages of both widths of time, for SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING.
enum { STAMP = 29, STAMP_NS = 35, STAMPING = 37, STAMP_NEW = 63, STAMP_NS_NEW = 64, STAMPING_NEW = 65 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long base;   // kernel time at which `offset` held
static long long offset; // virtual minus kernel time at `base`, ns
static long long jump_at, jump; // when somebody else steps it, and by how much; 0 for never
static double drift_ppm, steered_ppm;
static struct timex kept = {.tick = 10000};
static int state = TIME_OK;             // of leap seconds
static long long next_leap = LLONG_MAX; // the virtual second at whose start there is one
static long long last_second;           // the last virtual second that has begun

static long long kernel_time(void) {
    struct timespec t;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
    return t.tv_sec * BILLION + t.tv_nsec;
}

// The virtual time at a kernel time; the lock is held.
static long long at(long long kernel) {
    return kernel + offset + (long long)((double)(kernel - base) * (drift_ppm + steered_ppm) * 1e-6);
}

__attribute__((constructor)) static void start(void) {
    const char *text = getenv("VCLOCK_OFFSET");
    base = kernel_time();
    if (text) offset = (long long)(strtold(text, NULL) * 1e9L);
    text = getenv("VCLOCK_PPM");
    if (text) drift_ppm = strtod(text, NULL);
    text = getenv("VCLOCK_JUMP");
    if (text) {
        char *rest;
        jump_at = base + (long long)(strtold(text, &rest) * 1e9L);
        if (*rest == ',') jump = (long long)(strtold(rest + 1, NULL) * 1e9L);
    }
    text = getenv("VCLOCK_STATUS");
    if (text) kept.status = strtol(text, NULL, 0);
    text = getenv("VCLOCK_TAI");
    if (text) kept.tai = atoi(text);
    last_second = at(base) / BILLION;
}

// Tells of a change; the lock is held.
static void tell(long long kernel, const char *what, long long step) {
    const char *path = getenv("VCLOCK_LOG");
    int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (file < 0) return;
    char line[240];
    int length = snprintf(line, sizeof line, "%.6f %s step %.9f error %.9f rate %.6f ppm tai %d status 0x%04x state %d\n",
                          kernel / 1e9, what, step / 1e9, (at(kernel) - kernel) / 1e9, drift_ppm + steered_ppm, kept.tai,
                          kept.status, state);
    if (write(file, line, length) < 0) abort();
    close(file);
}

// What the kernel does at the start of a second, and what it adds to the clock then: second_overflow()
// in kernel/time/ntp.c.
static int begin_second(long long second) {
    kept.maxerror += MOST_DRIFT;
    if (kept.maxerror > MOST_ERROR) {
        kept.maxerror = MOST_ERROR;
        kept.status |= STA_UNSYNC;
    }
    switch (state) {
    case TIME_OK:
        if (kept.status & STA_INS) {
            state = TIME_INS;
            next_leap = second + DAY - second % DAY;
        } else if (kept.status & STA_DEL) {
            state = TIME_DEL;
            next_leap = second + DAY - (second + 1) % DAY;
        }
        break;
    case TIME_INS:
        if (!(kept.status & STA_INS)) {
            next_leap = LLONG_MAX;
            state = TIME_OK;
        } else if (second == next_leap) {
            state = TIME_OOP;
            return -1;
        }
        break;
    case TIME_DEL:
        if (!(kept.status & STA_DEL)) {
            next_leap = LLONG_MAX;
            state = TIME_OK;
        } else if (second == next_leap) {
            next_leap = LLONG_MAX;
            state = TIME_WAIT;
            return 1;
        }
        break;
    case TIME_OOP:
        next_leap = LLONG_MAX;
        state = TIME_WAIT;
        break;
    case TIME_WAIT:
        if (!(kept.status & (STA_INS | STA_DEL))) state = TIME_OK;
        break;
    }
    return 0;
}

// The clock was set: a leap second that was to come is forgotten, but not its bit: ntp_clear() in
// kernel/time/ntp.c. The lock is held.
static void forget(long long kernel) {
    kept.status |= STA_UNSYNC;
    kept.maxerror = kept.esterror = MOST_ERROR;
    next_leap = LLONG_MAX;
    last_second = at(kernel) / BILLION;
}

// Begins all seconds until a kernel time, and has somebody else step the clock if it is time; the
// lock is held.
static void begin_seconds(long long kernel) {
    if (jump && kernel >= jump_at) {
        long long by = jump;
        jump = 0;
        offset += by;
        forget(kernel);
        tell(kernel, "somebody", by);
    }
    while (last_second < at(kernel) / BILLION) {
        last_second++;
        int status = kept.status;
        int leap = begin_second(last_second);
        if (status != kept.status) tell(kernel, "error bound", 0);
        if (!leap) continue;
        last_second += leap;
        offset += leap * BILLION;
        kept.tai -= leap;
        tell(kernel, leap < 0 ? "leap second inserted" : "leap second removed", leap * BILLION);
    }
}

static long long virtual_time(long long kernel) {
    pthread_mutex_lock(&lock);
    begin_seconds(kernel);
    long long now = at(kernel);
    pthread_mutex_unlock(&lock);
    return now;
}

// Moves the clock and sets its rate.
static void change(long long by, double ppm, const char *what, int is_set) {
    pthread_mutex_lock(&lock);
    long long kernel = kernel_time();
    begin_seconds(kernel);
    offset = at(kernel) - kernel + by;
    base = kernel;
    steered_ppm = ppm;
    if (is_set) forget(kernel);
    tell(kernel, what, by);
    pthread_mutex_unlock(&lock);
}

static void step(long long by, const char *what) { change(by, steered_ppm, what, 1); }

static void slew(long long by, const char *what) { change(by, steered_ppm, what, 0); }

// Sets the bits that may be set: process_adj_status() in kernel/time/ntp.c; the lock is held.
static void set_status(int status) {
    if (kept.status & STA_PLL && !(status & STA_PLL)) {
        state = TIME_OK;
        kept.status = STA_UNSYNC | (kept.status & STA_NANO);
        next_leap = LLONG_MAX;
    }
    kept.status = (kept.status & STA_RONLY) | (status & ~STA_RONLY);
}

static void shift(struct timespec *t) {
    long long now = virtual_time(t->tv_sec * BILLION + t->tv_nsec);
    t->tv_sec = now / BILLION;
    t->tv_nsec = now % BILLION;
    if (t->tv_nsec < 0) {
        t->tv_nsec += BILLION;
        t->tv_sec--;
    }
}

// Reading.

int clock_gettime(clockid_t clock, struct timespec *t) {
    int result = syscall(SYS_clock_gettime, clock, t);
    if (result) return result;
    if (clock == CLOCK_TAI) syscall(SYS_clock_gettime, CLOCK_REALTIME, t);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI) shift(t);
    if (clock == CLOCK_TAI) t->tv_sec += kept.tai;
    return result;
}

int gettimeofday(struct timeval *t, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}

// Timestamps of datagrams.

static void shift_stamp(void *at, int is_timeval, int may_be_absent) {
    struct timespec t;
    memcpy(&t, at, sizeof t);
    if (may_be_absent && t.tv_sec == 0) return;
    if (is_timeval) t.tv_nsec *= 1000;
    shift(&t);
    if (is_timeval) t.tv_nsec /= 1000;
    memcpy(at, &t, sizeof t);
}

static void shift_stamps(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET) continue;
        int kind = c->cmsg_type;
        if (kind == STAMP || kind == STAMP_NEW) shift_stamp(CMSG_DATA(c), 1, 0);
        if (kind == STAMP_NS || kind == STAMP_NS_NEW) shift_stamp(CMSG_DATA(c), 0, 0);
        // The first of three: the software's. A hardware clock's own stay as they are.
        if (kind == STAMPING || kind == STAMPING_NEW) shift_stamp(CMSG_DATA(c), 0, 1);
    }
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags) {
    ssize_t result = syscall(SYS_recvmsg, socket, message, flags);
    if (result >= 0) shift_stamps(message);
    return result;
}

int recvmmsg(int socket, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
    int result = syscall(SYS_recvmmsg, socket, messages, count, flags, timeout);
    for (int i = 0; i < result; i++) shift_stamps(&messages[i].msg_hdr);
    return result;
}

// Setting and steering.

int clock_settime(clockid_t clock, const struct timespec *t) {
    (void)clock;
    step(t->tv_sec * BILLION + t->tv_nsec - virtual_time(kernel_time()), "clock_settime");
    return 0;
}

int settimeofday(const struct timeval *t, const struct timezone *zone) {
    (void)zone;
    if (t) step(t->tv_sec * BILLION + t->tv_usec * 1000 - virtual_time(kernel_time()), "settimeofday");
    return 0;
}

int adjtime(const struct timeval *by, struct timeval *left) {
    if (left) *left = (struct timeval){0, 0};
    if (by) slew(by->tv_sec * BILLION + by->tv_usec * 1000, "adjtime");
    return 0;
}

int adjtimex(struct timex *request) {
    struct timex want = *request;
    unsigned modes = want.modes;
    if (modes == ADJ_OFFSET_SINGLESHOT || modes == MODE_SINGLESHOT_READ) {
        if (modes == ADJ_OFFSET_SINGLESHOT) slew(want.offset * 1000LL, "singleshot");
        request->offset = 0;
        return TIME_OK;
    }
    if (modes & ADJ_SETOFFSET)
        step(want.time.tv_sec * BILLION + want.time.tv_usec * (modes & ADJ_NANO ? 1LL : 1000LL), "set offset");

    pthread_mutex_lock(&lock);
    long long kernel = kernel_time();
    begin_seconds(kernel);
    const int told = STA_INS | STA_DEL | STA_UNSYNC;
    int status = kept.status, tai = kept.tai;
    if (modes & ADJ_STATUS) set_status(want.status);
    if (modes & ADJ_NANO) kept.status |= STA_NANO;
    if (modes & ADJ_MICRO) kept.status &= ~STA_NANO;
    if (modes & ADJ_MAXERROR) kept.maxerror = want.maxerror;
    if (modes & ADJ_ESTERROR) kept.esterror = want.esterror;
    if (modes & ADJ_TIMECONST) kept.constant = want.constant;
    if (modes & ADJ_TAI && want.constant >= 0 && want.constant <= MOST_TAI) kept.tai = want.constant;
    if (modes & ADJ_FREQUENCY) kept.freq = want.freq;
    if (modes & ADJ_TICK) kept.tick = want.tick;
    int in_nanoseconds = (kept.status & STA_NANO) != 0;
    if ((status ^ kept.status) & told) tell(kernel, "status", 0);
    if (tai != kept.tai) tell(kernel, "TAI", 0);
    pthread_mutex_unlock(&lock);

    if (modes & ADJ_OFFSET) slew(want.offset * (in_nanoseconds ? 1LL : 1000LL), "offset");
    if (modes & (ADJ_FREQUENCY | ADJ_TICK)) change(0, kept.freq / 65536.0 + (kept.tick - 10000) * 100.0, "rate", 0);

    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    kept.modes = modes;
    kept.precision = 1;
    kept.tolerance = 500 << 16;
    kept.time = (struct timeval){now.tv_sec, in_nanoseconds ? now.tv_nsec : now.tv_nsec / 1000};
    *request = kept;
    return kept.status & STA_UNSYNC ? TIME_ERROR : state;
}

int ntp_adjtime(struct timex *request) { return adjtimex(request); }

int clock_adjtime(clockid_t clock, struct timex *request) {
    (void)clock;
    return adjtimex(request);
}
