-- Sends REQUESTS in turns, and looks at the proxy's processor time twice: when it is under way, and shortly before the
-- end. Between the two every connection has exactly one request under way, so that what is sent is what is answered,
-- and neither the opening of connections nor what is cut off at the end is counted.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } crossgate_timespec;
  int clock_gettime(int clock, crossgate_timespec *now);
]]
local timespec = ffi.new("crossgate_timespec")
local function nanoseconds(clock)
  if ffi.C.clock_gettime(clock, timespec) ~= 0 then return 0 end
  return tonumber(timespec.seconds) * 1e9 + tonumber(timespec.nanoseconds)
end

local MONOTONIC = 1
local function now()
  return nanoseconds(MONOTONIC) / 1e9
end

-- User and system time of all threads that a process ever had: clock_getcpuclockid(3) says which clock that is.
local function run_time()
  local total = 0
  for _, pid in ipairs(PROCESSES) do
    total = total + nanoseconds(-8 * (pid + 1) + 2)
  end
  return total
end

local texts = {}
local sent = 0
local begun, first, last
-- Read by done(), which runs in a state of its own.
told_requests, told_seconds, told_nanoseconds = 0, 0, 0

function init()
  for index, each in ipairs(REQUESTS) do
    local body = each[4] > 0 and string.rep("x", each[4]) or nil
    texts[index] = wrk.format(each[1], each[2], each[3], body)
  end
end

function request()
  sent = sent + 1
  if not last then look() end
  return texts[sent % #texts + 1]
end

function look()
  local time = now()
  begun = begun or time
  if not first then
    if time - begun > 0.1 * SECONDS then
      first = { sent = sent, time = time, run_time = run_time() }
    end
  elseif time - begun > 0.9 * SECONDS then
    last = true
    told_requests = sent - first.sent
    told_seconds = time - first.time
    told_nanoseconds = run_time() - first.run_time
  end
end

local threads = {}
function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency)
  local thread = threads[1]
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"nanoseconds":%.0f,"p50":%.0f,"p99":%.0f,"answers":%d,"refused":%d,"errors":%d}',
    thread:get("told_requests"), thread:get("told_seconds"), thread:get("told_nanoseconds"),
    latency:percentile(50), latency:percentile(99), summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
