-- Dissects the traces that scmid --trace writes (docs/trace.md): Wireshark and tshark 4.0 and newer.
-- Written by `scmictl dissector` from the tables of messages; changes belong there.

local STATUS = { [-11] = "IN_USE", [-10] = "PROTOCOL_ERROR", [-9] = "HARDWARE_ERROR", [-8] = "GENERIC_ERROR", [-7] = "COMMS_ERROR", [-6] = "BUSY", [-5] = "OUT_OF_RANGE", [-4] = "NOT_FOUND", [-3] = "DENIED", [-2] = "INVALID_PARAMETERS", [-1] = "NOT_SUPPORTED", [0] = "SUCCESS" }
local SENSOR_TYPES = { [0] = "none", [1] = "unspecified", [2] = "temperature", [3] = "temperature-f", [4] = "temperature-k", [5] = "voltage", [6] = "current", [7] = "power", [8] = "energy", [9] = "charge", [10] = "apparent-power", [11] = "luminance", [12] = "luminous-flux", [13] = "illuminance", [14] = "luminous-intensity", [15] = "pressure-kpa", [16] = "pressure-psi", [17] = "force", [18] = "airflow", [19] = "rotational-speed", [20] = "frequency", [21] = "seconds", [22] = "minutes", [23] = "hours", [24] = "days", [25] = "weeks", [26] = "mils", [27] = "inches", [28] = "feet", [29] = "cubic-inches", [30] = "cubic-feet", [31] = "length", [32] = "cubic-centimetres", [33] = "volume", [34] = "litres", [35] = "fluid-ounces", [36] = "angle", [37] = "solid-angle", [38] = "revolutions", [39] = "cycles", [40] = "gravity", [41] = "ounces", [42] = "pounds", [43] = "foot-pounds", [44] = "ounce-inches", [45] = "gauss", [46] = "gilberts", [47] = "inductance", [48] = "capacitance", [49] = "resistance", [50] = "conductance", [51] = "amount", [52] = "radioactivity", [53] = "ppm", [54] = "decibels", [55] = "decibels-a", [56] = "decibels-c", [57] = "absorbed-dose", [58] = "dose-equivalent", [59] = "colour-temperature", [60] = "bits", [61] = "bytes", [62] = "words", [63] = "dwords", [64] = "qwords", [65] = "percentage", [66] = "pressure", [67] = "counts", [68] = "grams", [69] = "torque", [70] = "hits", [71] = "misses", [72] = "retries", [73] = "overruns", [74] = "underruns", [75] = "collisions", [76] = "packets", [77] = "messages", [78] = "characters", [79] = "errors", [80] = "corrected-errors", [81] = "uncorrectable-errors", [82] = "square-mils", [83] = "square-inches", [84] = "square-feet", [85] = "square-centimetres", [86] = "area", [87] = "angular-velocity", [88] = "beats-per-minute", [89] = "acceleration", [90] = "speed", [91] = "flow", [92] = "pressure-mmhg", [93] = "angular-acceleration", [255] = "oem" }

local PROTOCOLS = {
  [0x10] = {
    name = "base", newest = 0x20001,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "agents", 15, 8, "unsigned" }, { "protocols", 7, 0, "unsigned" } } },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "BASE_DISCOVER_VENDOR", since = 0x10000,
        reply = {
          { "vendor", "name", bytes = 16 },
        } },
      [0x4] = { name = "BASE_DISCOVER_SUB_VENDOR", since = 0x10000,
        reply = {
          { "sub_vendor", "name", bytes = 16 },
        } },
      [0x5] = { name = "BASE_DISCOVER_IMPLEMENTATION_VERSION", since = 0x10000,
        reply = {
          { "implementation_version", "hex" },
        } },
      [0x6] = { name = "BASE_DISCOVER_LIST_PROTOCOLS", since = 0x10000,
        payload = {
          { "skip", "word" },
        },
        reply = {
          { "num_protocols", "word" },
          { "protocols", "protocols" },
        } },
      [0x7] = { name = "BASE_DISCOVER_AGENT", since = 0x10000,
        payload = {
          { "agent_id", "hex" },
        },
        reply = {
          { "agent_id", "word", when = { "since", 0x20000 } },
          { "name", "name", bytes = 16 },
        } },
      [0x8] = { name = "BASE_NOTIFY_ERRORS", since = 0x10000,
        payload = {
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0x9] = { name = "BASE_SET_DEVICE_PERMISSIONS", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "device_id", "word" },
          { "flags", "bits", bits = { { "allow", 0, 0, "flag" } } },
        } },
      [0xa] = { name = "BASE_SET_PROTOCOL_PERMISSIONS", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "device_id", "word" },
          { "command_id", "bits", bits = { { "protocol", 7, 0, "protocol" } } },
          { "flags", "bits", bits = { { "allow", 0, 0, "flag" } } },
        } },
      [0xb] = { name = "BASE_RESET_AGENT_CONFIGURATION", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "flags", "bits", bits = { { "permissions", 0, 0, "flag" } } },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "BASE_ERROR_EVENT", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "error_status", "bits", bits = { { "fatal", 31, 31, "flag" }, { "count", 9, 0, "unsigned" } } },
          { "reports", "repeat", of = {
            { "header", "header" },
            { "status", "status" },
          } },
        } },
    },
  },
  [0x11] = {
    name = "power", newest = 0x30001,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "domains", 15, 0, "unsigned" } } },
          { "statistics_address", "wide" },
          { "statistics_length", "word" },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "POWER_DOMAIN_ATTRIBUTES", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "attributes", "bits", bits = { { "change_notifications", 31, 31, "flag" }, { "async", 30, 30, "flag" }, { "sync", 29, 29, "flag" }, { "request_notifications", 28, 28, "flag" }, { "extended_name", 27, 27, "flag" } } },
          { "name", "name", bytes = 16 },
        } },
      [0x4] = { name = "POWER_STATE_SET", since = 0x10000,
        payload = {
          { "flags", "bits", bits = { { "async", 0, 0, "flag" } } },
          { "domain_id", "word" },
          { "power_state", "bits", bits = { { "context_lost", 30, 30, "flag" }, { "state", 27, 0, "unsigned" } } },
        } },
      [0x5] = { name = "POWER_STATE_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "power_state", "bits", bits = { { "context_lost", 30, 30, "flag" }, { "state", 27, 0, "unsigned" } } },
        } },
      [0x6] = { name = "POWER_STATE_NOTIFY", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0x7] = { name = "POWER_STATE_CHANGE_REQUESTED_NOTIFY", since = 0x20000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0x8] = { name = "POWER_DOMAIN_NAME_GET", since = 0x30000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "POWER_STATE_CHANGED", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "power_state", "bits", bits = { { "context_lost", 30, 30, "flag" }, { "state", 27, 0, "unsigned" } } },
        } },
      [0x1] = { name = "POWER_STATE_CHANGE_REQUESTED", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "power_state", "bits", bits = { { "context_lost", 30, 30, "flag" }, { "state", 27, 0, "unsigned" } } },
        } },
    },
  },
  [0x12] = {
    name = "system", newest = 0x20001,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "hex" },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "SYSTEM_POWER_STATE_SET", since = 0x10000,
        payload = {
          { "flags", "bits", bits = { { "graceful", 0, 0, "flag" } } },
          { "system_state", "bits", bits = { { "state", 31, 0, "unsigned", names = { [0] = "shutdown", [1] = "cold reset", [2] = "warm reset", [3] = "power up", [4] = "suspend", } } } },
        } },
      [0x4] = { name = "SYSTEM_POWER_STATE_GET", since = 0x10000,
        reply = {
          { "system_state", "bits", bits = { { "state", 31, 0, "unsigned", names = { [0] = "shutdown", [1] = "cold reset", [2] = "warm reset", [3] = "power up", [4] = "suspend", } } } },
        } },
      [0x5] = { name = "SYSTEM_POWER_STATE_NOTIFY", since = 0x10000,
        payload = {
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "SYSTEM_POWER_STATE_NOTIFIER", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "flags", "bits", bits = { { "graceful", 0, 0, "flag" } } },
          { "system_state", "bits", bits = { { "state", 31, 0, "unsigned", names = { [0] = "shutdown", [1] = "cold reset", [2] = "warm reset", [3] = "power up", [4] = "suspend", } } } },
          { "timeout_ms", "word", when = { "since", 0x20000 } },
        } },
    },
  },
  [0x13] = {
    name = "perf", newest = 0x40000,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "power_unit", 17, 16, "unsigned", names = { [0] = "abstract", [1] = "mW", [2] = "uW", } }, { "domains", 15, 0, "unsigned" } } },
          { "statistics_address", "wide" },
          { "statistics_length", "word" },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "PERFORMANCE_DOMAIN_ATTRIBUTES", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "attributes", "bits", bits = { { "set_limits", 31, 31, "flag" }, { "set_level", 30, 30, "flag" }, { "limit_notifications", 29, 29, "flag" }, { "level_notifications", 28, 28, "flag" }, { "fast_channels", 27, 27, "flag" }, { "extended_name", 26, 26, "flag" }, { "level_indexing", 25, 25, "flag" } } },
          { "rate_limit", "bits", bits = { { "microseconds", 19, 0, "unsigned" } } },
          { "sustained_freq_khz", "word" },
          { "sustained_level", "word" },
          { "name", "name", bytes = 16 },
        } },
      [0x4] = { name = "PERFORMANCE_DESCRIBE_LEVELS", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 16, "unsigned" }, { "returned", 11, 0, "unsigned" } } },
          { "levels", "repeat", of = {
            { "level", "word" },
            { "power_cost", "word" },
            { "latency", "bits", bits = { { "microseconds", 15, 0, "unsigned" } } },
            { "frequency_khz", "word", when = { "since", 0x40000 } },
            { "index", "word", when = { "since", 0x40000 } },
          } },
        } },
      [0x5] = { name = "PERFORMANCE_LIMITS_SET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "range_max", "word" },
          { "range_min", "word" },
        } },
      [0x6] = { name = "PERFORMANCE_LIMITS_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "range_max", "word" },
          { "range_min", "word" },
        } },
      [0x7] = { name = "PERFORMANCE_LEVEL_SET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "level", "word" },
        } },
      [0x8] = { name = "PERFORMANCE_LEVEL_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "level", "word" },
        } },
      [0x9] = { name = "PERFORMANCE_NOTIFY_LIMITS", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0xa] = { name = "PERFORMANCE_NOTIFY_LEVEL", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0xb] = { name = "PERFORMANCE_DESCRIBE_FASTCHANNEL", since = 0x20000,
        payload = {
          { "domain_id", "word" },
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "bits", bits = { { "doorbell_width", 2, 1, "unsigned", names = { [0] = "8 bits", [1] = "16 bits", [2] = "32 bits", [3] = "64 bits", } }, { "doorbell", 0, 0, "flag" } } },
          { "rate_limit", "bits", bits = { { "microseconds", 19, 0, "unsigned" } } },
          { "address", "wide" },
          { "size", "word" },
          { "doorbell_address", "wide" },
          { "set_mask", "wide" },
          { "preserve_mask", "wide" },
        } },
      [0xc] = { name = "PERFORMANCE_DOMAIN_NAME_GET", since = 0x30000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "PERFORMANCE_LIMITS_CHANGED", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "range_max", "word" },
          { "range_min", "word" },
        } },
      [0x1] = { name = "PERFORMANCE_LEVEL_CHANGED", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "level", "word" },
        } },
    },
  },
  [0x14] = {
    name = "clock", newest = 0x30000,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "max_async_rate_changes", 23, 16, "unsigned" }, { "clocks", 15, 0, "unsigned" } } },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "CLOCK_ATTRIBUTES", since = 0x10000,
        payload = {
          { "clock_id", "word" },
        },
        reply = {
          { "attributes", "bits", bits = { { "rate_changed", 31, 31, "flag" }, { "rate_change_requested", 30, 30, "flag" }, { "extended_name", 29, 29, "flag" }, { "parents", 28, 28, "flag" }, { "extended_config", 27, 27, "flag" }, { "restricted", 1, 1, "flag" }, { "enabled", 0, 0, "flag" } } },
          { "name", "name", bytes = 16 },
          { "enable_delay", "word", when = { "since", 0x20000 } },
        } },
      [0x4] = { name = "CLOCK_DESCRIBE_RATES", since = 0x10000,
        payload = {
          { "clock_id", "word" },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 16, "unsigned" }, { "triplet", 12, 12, "flag" }, { "returned", 11, 0, "unsigned" } } },
          { "rates", "repeat", of = {
            { "rate", "wide" },
          } },
        } },
      [0x5] = { name = "CLOCK_RATE_SET", since = 0x10000,
        payload = {
          { "flags", "bits", bits = { { "round_nearest", 3, 3, "flag" }, { "round_up", 2, 2, "flag" }, { "no_delayed_response", 1, 1, "flag" }, { "async", 0, 0, "flag" } } },
          { "clock_id", "word" },
          { "rate", "wide" },
        },
        delayed = {
          { "clock_id", "word" },
          { "rate", "wide" },
        } },
      [0x6] = { name = "CLOCK_RATE_GET", since = 0x10000,
        payload = {
          { "clock_id", "word" },
        },
        reply = {
          { "rate", "wide" },
        } },
      [0x7] = { name = "CLOCK_CONFIG_SET", since = 0x10000,
        payload = {
          { "clock_id", "word" },
          { "attributes", "bits", bits = { { "enable", 0, 0, "flag" } }, when = { "before", 0x30000 } },
          { "attributes", "bits", bits = { { "extended_type", 23, 16, "unsigned", names = { [0] = "none", [1] = "duty cycle, percent", [2] = "phase, degrees", } }, { "state", 1, 0, "unsigned", names = { [0] = "disable", [1] = "enable", [3] = "leave as it is", } } }, when = { "since", 0x30000 } },
          { "extended_value", "word", when = { "since", 0x30000 } },
        } },
      [0x8] = { name = "CLOCK_NAME_GET", since = 0x20000,
        payload = {
          { "clock_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0x9] = { name = "CLOCK_RATE_NOTIFY", since = 0x20000,
        payload = {
          { "clock_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0xa] = { name = "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY", since = 0x20000,
        payload = {
          { "clock_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0xb] = { name = "CLOCK_CONFIG_GET", since = 0x30000,
        payload = {
          { "clock_id", "word" },
          { "flags", "bits", bits = { { "extended_type", 7, 0, "unsigned", names = { [0] = "none", [1] = "duty cycle, percent", [2] = "phase, degrees", } } } },
        },
        reply = {
          { "attributes", "hex" },
          { "config", "bits", bits = { { "enabled", 0, 0, "flag" } } },
          { "extended_value", "word" },
        } },
      [0xc] = { name = "CLOCK_POSSIBLE_PARENTS_GET", since = 0x30000,
        payload = {
          { "clock_id", "word" },
          { "skip", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 24, "unsigned" }, { "returned", 7, 0, "unsigned" } } },
          { "parents", "repeat", of = {
            { "clock_id", "word" },
          } },
        } },
      [0xd] = { name = "CLOCK_PARENT_SET", since = 0x30000,
        payload = {
          { "clock_id", "word" },
          { "parent_id", "word" },
        } },
      [0xe] = { name = "CLOCK_PARENT_GET", since = 0x30000,
        payload = {
          { "clock_id", "word" },
        },
        reply = {
          { "parent_id", "word" },
        } },
      [0xf] = { name = "CLOCK_GET_PERMISSIONS", since = 0x30000,
        payload = {
          { "clock_id", "word" },
        },
        reply = {
          { "permissions", "bits", bits = { { "state", 31, 31, "flag" }, { "parent", 30, 30, "flag" }, { "rate", 29, 29, "flag" } } },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "CLOCK_RATE_CHANGED", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "clock_id", "word" },
          { "rate", "wide" },
        } },
      [0x1] = { name = "CLOCK_RATE_CHANGE_REQUESTED", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "clock_id", "word" },
          { "rate", "wide" },
        } },
    },
  },
  [0x15] = {
    name = "sensor", newest = 0x30001,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "max_async_reads", 23, 16, "unsigned" }, { "sensors", 15, 0, "unsigned" } } },
          { "shared_memory_address", "wide" },
          { "shared_memory_length", "word" },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "SENSOR_DESCRIPTION_GET", since = 0x10000,
        payload = {
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 16, "unsigned" }, { "returned", 11, 0, "unsigned" } } },
          { "descriptors", "repeat", of = {
            { "id", "word" },
            { "attributes_low", "bits", bits = { { "async", 31, 31, "flag" }, { "updates", 30, 30, "flag" }, { "extended_name", 29, 29, "flag" }, { "timestamp_exponent", 14, 10, "signed" }, { "timestamps", 9, 9, "flag" }, { "extended", 8, 8, "flag" }, { "trip_points", 7, 0, "unsigned" } }, when = { "since", 0x20000 } },
            { "attributes_low", "bits", bits = { { "async", 31, 31, "flag" }, { "trip_points", 7, 0, "unsigned" } }, when = { "before", 0x20000 } },
            { "attributes_high", "bits", bits = { { "axes", 21, 16, "unsigned" }, { "exponent", 15, 11, "signed" }, { "has_axes", 8, 8, "flag" }, { "type", 7, 0, "sensor_type" } }, when = { "since", 0x20000 } },
            { "attributes_high", "bits", bits = { { "interval_seconds", 31, 27, "unsigned" }, { "interval_exponent", 26, 22, "signed" }, { "exponent", 15, 11, "signed" }, { "type", 7, 0, "sensor_type" } }, when = { "before", 0x20000 } },
            { "name", "name", bytes = 16 },
            { "power", "word", when = { "both", { "bits", "attributes_low", 0x100, 0x100 }, { "since", 0x20000 } } },
            { "range", "group", of = {
              { "resolution", "bits", bits = { { "exponent", 31, 27, "signed" }, { "value", 26, 0, "unsigned" } } },
              { "min", "wide_signed" },
              { "max", "wide_signed" },
            }, when = { "both", { "both", { "bits", "attributes_low", 0x100, 0x100 }, { "since", 0x20000 } }, { "bits", "attributes_high", 0x100, 0x0 } } },
          } },
        } },
      [0x4] = { name = "SENSOR_TRIP_POINT_NOTIFY", since = 0x10000,
        payload = {
          { "sensor_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0x5] = { name = "SENSOR_TRIP_POINT_CONFIG", since = 0x10000,
        payload = {
          { "sensor_id", "word" },
          { "control", "bits", bits = { { "trip_point", 11, 4, "unsigned" }, { "mode", 1, 0, "unsigned" } } },
          { "value", "wide_signed" },
        } },
      [0x6] = { name = "SENSOR_READING_GET", since = 0x10000,
        payload = {
          { "sensor_id", "word" },
          { "flags", "bits", bits = { { "async", 0, 0, "flag" } } },
        },
        reply = {
          { "readings", "repeat", of = {
            { "value", "wide_signed" },
            { "timestamp", "wide", when = { "since", 0x20000 } },
          } },
        },
        delayed = {
          { "sensor_id", "word" },
          { "readings", "repeat", of = {
            { "value", "wide_signed" },
            { "timestamp", "wide", when = { "since", 0x20000 } },
          } },
        } },
      [0x7] = { name = "SENSOR_AXIS_DESCRIPTION_GET", since = 0x20000,
        payload = {
          { "sensor_id", "word" },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 26, "unsigned" }, { "returned", 5, 0, "unsigned" } } },
          { "axes", "repeat", of = {
            { "id", "word" },
            { "attributes_low", "bits", bits = { { "extended_name", 9, 9, "flag" }, { "extended", 8, 8, "flag" } } },
            { "attributes_high", "bits", bits = { { "exponent", 15, 11, "signed" }, { "type", 7, 0, "sensor_type" } } },
            { "name", "name", bytes = 16 },
            { "range", "group", of = {
              { "resolution", "bits", bits = { { "exponent", 31, 27, "signed" }, { "value", 26, 0, "unsigned" } } },
              { "min", "wide_signed" },
              { "max", "wide_signed" },
            }, when = { "both", { "bits", "attributes_low", 0x100, 0x100 }, { "since", 0x20000 } } },
          } },
        } },
      [0x8] = { name = "SENSOR_LIST_UPDATE_INTERVALS", since = 0x20000,
        payload = {
          { "sensor_id", "word" },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 16, "unsigned" }, { "triplet", 12, 12, "flag" }, { "returned", 11, 0, "unsigned" } } },
          { "intervals", "repeat", of = {
            { "interval", "bits", bits = { { "seconds", 20, 5, "unsigned" }, { "exponent", 4, 0, "signed" } } },
          } },
        } },
      [0x9] = { name = "SENSOR_CONFIG_GET", since = 0x20000,
        payload = {
          { "sensor_id", "word" },
        },
        reply = {
          { "config", "bits", bits = { { "interval_seconds", 31, 16, "unsigned" }, { "interval_exponent", 15, 11, "signed" }, { "rounding", 10, 9, "unsigned" }, { "timestamps", 1, 1, "flag" }, { "enabled", 0, 0, "flag" } } },
        } },
      [0xa] = { name = "SENSOR_CONFIG_SET", since = 0x20000,
        payload = {
          { "sensor_id", "word" },
          { "config", "bits", bits = { { "interval_seconds", 31, 16, "unsigned" }, { "interval_exponent", 15, 11, "signed" }, { "rounding", 10, 9, "unsigned" }, { "timestamps", 1, 1, "flag" }, { "enabled", 0, 0, "flag" } } },
        } },
      [0xb] = { name = "SENSOR_CONTINUOUS_UPDATE_NOTIFY", since = 0x20000,
        payload = {
          { "sensor_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0xc] = { name = "SENSOR_NAME_GET", since = 0x30000,
        payload = {
          { "sensor_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0xd] = { name = "SENSOR_AXIS_NAME_GET", since = 0x30000,
        payload = {
          { "sensor_id", "word" },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 26, "unsigned" }, { "returned", 5, 0, "unsigned" } } },
          { "names", "repeat", of = {
            { "axis_id", "word" },
            { "name", "name", bytes = 64 },
          } },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "SENSOR_TRIP_POINT_EVENT", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "sensor_id", "word" },
          { "description", "bits", bits = { { "rising", 16, 16, "flag" }, { "trip_point", 7, 0, "unsigned" } } },
        } },
      [0x1] = { name = "SENSOR_UPDATE", since = 0x20000,
        payload = {
          { "agent_id", "word" },
          { "sensor_id", "word" },
          { "readings", "repeat", of = {
            { "value", "wide_signed" },
            { "timestamp", "wide", when = { "since", 0x20000 } },
          } },
        } },
    },
  },
  [0x16] = {
    name = "reset", newest = 0x30001,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "domains", 15, 0, "unsigned" } } },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "RESET_DOMAIN_ATTRIBUTES", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "attributes", "bits", bits = { { "async", 31, 31, "flag" }, { "notifications", 30, 30, "flag" }, { "extended_name", 29, 29, "flag" } } },
          { "latency", "word" },
          { "name", "name", bytes = 16 },
        } },
      [0x4] = { name = "RESET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "flags", "bits", bits = { { "async", 2, 2, "flag" }, { "assert", 1, 1, "flag" }, { "autonomous", 0, 0, "flag" } } },
          { "reset_state", "bits", bits = { { "implementation_defined", 31, 31, "flag" }, { "id", 30, 0, "unsigned" } } },
        },
        delayed = {
          { "domain_id", "word" },
        } },
      [0x5] = { name = "RESET_NOTIFY", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0x6] = { name = "RESET_DOMAIN_NAME_GET", since = 0x30000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "RESET_ISSUED", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "reset_state", "bits", bits = { { "implementation_defined", 31, 31, "flag" }, { "id", 30, 0, "unsigned" } } },
        } },
    },
  },
  [0x17] = {
    name = "voltage", newest = 0x20001,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "domains", 15, 0, "unsigned" } } },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "VOLTAGE_DOMAIN_ATTRIBUTES", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "attributes", "hex", when = { "before", 0x20000 } },
          { "attributes", "bits", bits = { { "async_level_set", 31, 31, "flag" }, { "extended_name", 30, 30, "flag" } }, when = { "since", 0x20000 } },
          { "name", "name", bytes = 16 },
        } },
      [0x4] = { name = "VOLTAGE_DESCRIBE_LEVELS", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 16, "unsigned" }, { "triplet", 12, 12, "flag" }, { "returned", 11, 0, "unsigned" } } },
          { "levels", "repeat", of = {
            { "microvolts", "signed" },
          } },
        } },
      [0x5] = { name = "VOLTAGE_CONFIG_SET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "config", "bits", bits = { { "mode", 3, 0, "unsigned", names = { [0] = "off", [7] = "on", } } } },
        } },
      [0x6] = { name = "VOLTAGE_CONFIG_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "config", "bits", bits = { { "mode", 3, 0, "unsigned", names = { [0] = "off", [7] = "on", } } } },
        } },
      [0x7] = { name = "VOLTAGE_LEVEL_SET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "flags", "hex", when = { "before", 0x20000 } },
          { "flags", "bits", bits = { { "async", 0, 0, "flag" } }, when = { "since", 0x20000 } },
          { "microvolts", "signed" },
        },
        delayed = {
          { "domain_id", "word" },
          { "microvolts", "signed" },
        } },
      [0x8] = { name = "VOLTAGE_LEVEL_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "microvolts", "signed" },
        } },
      [0x9] = { name = "VOLTAGE_DOMAIN_NAME_GET", since = 0x20000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
    },
  },
  [0x18] = {
    name = "powercap", newest = 0x20000,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes", "bits", bits = { { "domains", 15, 0, "unsigned" } } },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "POWERCAP_DOMAIN_ATTRIBUTES", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "attributes", "bits", bits = { { "cap_notifications", 31, 31, "flag" }, { "measurement_notifications", 30, 30, "flag" }, { "async", 29, 29, "flag" }, { "extended_name", 28, 28, "flag" }, { "set_cap", 27, 27, "flag" }, { "monitoring", 26, 26, "flag" }, { "set_pai", 25, 25, "flag" }, { "power_unit", 24, 23, "unsigned", names = { [0] = "abstract", [1] = "uW", [2] = "mW", } }, { "fast_channels", 22, 22, "flag" } } },
          { "name", "name", bytes = 16 },
          { "min_pai", "word" },
          { "max_pai", "word" },
          { "pai_step", "word" },
          { "min_cap", "word" },
          { "max_cap", "word" },
          { "cap_step", "word" },
          { "sustainable_power", "word" },
          { "accuracy", "word" },
          { "parent_id", "hex" },
        } },
      [0x4] = { name = "POWERCAP_CAP_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "power_cap", "word" },
        } },
      [0x5] = { name = "POWERCAP_CAP_SET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "flags", "bits", bits = { { "async", 1, 1, "flag" }, { "no_response", 0, 0, "flag" } } },
          { "power_cap", "word" },
        },
        delayed = {
          { "domain_id", "word" },
          { "power_cap", "word" },
        } },
      [0x6] = { name = "POWERCAP_PAI_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "pai", "word" },
        } },
      [0x7] = { name = "POWERCAP_PAI_SET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "flags", "hex" },
          { "pai", "word" },
        } },
      [0x8] = { name = "POWERCAP_DOMAIN_NAME_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0x9] = { name = "POWERCAP_MEASUREMENTS_GET", since = 0x10000,
        payload = {
          { "domain_id", "word" },
        },
        reply = {
          { "power", "word" },
          { "pai", "word" },
        } },
      [0xa] = { name = "POWERCAP_CAP_NOTIFY", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
        } },
      [0xb] = { name = "POWERCAP_MEASUREMENTS_NOTIFY", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "notify_enable", "bits", bits = { { "enable", 0, 0, "flag" } } },
          { "low", "word" },
          { "high", "word" },
        } },
      [0xc] = { name = "POWERCAP_DESCRIBE_FASTCHANNEL", since = 0x10000,
        payload = {
          { "domain_id", "word" },
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "bits", bits = { { "doorbell_width", 2, 1, "unsigned", names = { [0] = "8 bits", [1] = "16 bits", [2] = "32 bits", [3] = "64 bits", } }, { "doorbell", 0, 0, "flag" } } },
          { "rate_limit", "bits", bits = { { "microseconds", 19, 0, "unsigned" } } },
          { "address", "wide" },
          { "size", "word" },
          { "doorbell_address", "wide" },
          { "set_mask", "wide" },
          { "preserve_mask", "wide" },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
      [0x0] = { name = "POWERCAP_CAP_CHANGED", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "power_cap", "word" },
          { "pai", "word" },
        } },
      [0x1] = { name = "POWERCAP_MEASUREMENTS_CHANGED", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "domain_id", "word" },
          { "power", "word" },
        } },
    },
  },
  [0x19] = {
    name = "pinctrl", newest = 0x10000,
    commands = {
      [0x0] = { name = "PROTOCOL_VERSION", since = 0x0,
        reply = {
          { "version", "version" },
        } },
      [0x1] = { name = "PROTOCOL_ATTRIBUTES", since = 0x10000,
        reply = {
          { "attributes_low", "bits", bits = { { "groups", 31, 16, "unsigned" }, { "pins", 15, 0, "unsigned" } } },
          { "attributes_high", "bits", bits = { { "functions", 15, 0, "unsigned" } } },
        } },
      [0x2] = { name = "PROTOCOL_MESSAGE_ATTRIBUTES", since = 0x0,
        payload = {
          { "message_id", "hex" },
        },
        reply = {
          { "attributes", "hex" },
        } },
      [0x3] = { name = "PINCTRL_ATTRIBUTES", since = 0x10000,
        payload = {
          { "id", "word" },
          { "flags", "bits", bits = { { "selector", 1, 0, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } } } },
        },
        reply = {
          { "attributes", "bits", bits = { { "extended_name", 31, 31, "flag" }, { "gpio", 17, 17, "flag" }, { "selects_pins", 16, 16, "flag" }, { "elements", 15, 0, "unsigned" } } },
          { "name", "name", bytes = 16 },
        } },
      [0x4] = { name = "PINCTRL_LIST_ASSOCIATIONS", since = 0x10000,
        payload = {
          { "id", "word" },
          { "flags", "bits", bits = { { "selector", 1, 0, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } } } },
          { "index", "word" },
        },
        reply = {
          { "count", "bits", bits = { { "remaining", 31, 16, "unsigned" }, { "returned", 11, 0, "unsigned" } } },
          { "ids", "shorts" },
        } },
      [0x5] = { name = "PINCTRL_SETTINGS_GET", since = 0x10000,
        payload = {
          { "id", "word" },
          { "attributes", "bits", bits = { { "which", 19, 18, "unsigned", names = { [0] = "one type", [1] = "all types", [2] = "function only", } }, { "selector", 17, 16, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } }, { "skip", 15, 8, "unsigned" }, { "type", 7, 0, "unsigned", names = { [0] = "default", [1] = "bus hold", [2] = "bias disable", [3] = "high impedance", [4] = "pull up", [5] = "pull default", [6] = "pull down", [7] = "open drain", [8] = "open source", [9] = "push-pull", [10] = "drive strength", [11] = "input debounce", [12] = "input mode", [13] = "pull mode", [14] = "input value", [15] = "schmitt trigger", [16] = "low power", [17] = "output mode", [18] = "output value", [19] = "power source", [20] = "slew rate", } } } },
        },
        reply = {
          { "function", "hex" },
          { "count", "bits", bits = { { "remaining", 31, 24, "unsigned" }, { "returned", 7, 0, "unsigned" } } },
          { "settings", "repeat", of = {
            { "type", "bits", bits = { { "type", 7, 0, "unsigned", names = { [0] = "default", [1] = "bus hold", [2] = "bias disable", [3] = "high impedance", [4] = "pull up", [5] = "pull default", [6] = "pull down", [7] = "open drain", [8] = "open source", [9] = "push-pull", [10] = "drive strength", [11] = "input debounce", [12] = "input mode", [13] = "pull mode", [14] = "input value", [15] = "schmitt trigger", [16] = "low power", [17] = "output mode", [18] = "output value", [19] = "power source", [20] = "slew rate", } } } },
            { "value", "word" },
          } },
        } },
      [0x6] = { name = "PINCTRL_SETTINGS_CONFIGURE", since = 0x10000,
        payload = {
          { "id", "word" },
          { "function", "hex" },
          { "attributes", "bits", bits = { { "set_function", 10, 10, "flag" }, { "settings", 9, 2, "unsigned" }, { "selector", 1, 0, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } } } },
          { "settings", "repeat", of = {
            { "type", "bits", bits = { { "type", 7, 0, "unsigned", names = { [0] = "default", [1] = "bus hold", [2] = "bias disable", [3] = "high impedance", [4] = "pull up", [5] = "pull default", [6] = "pull down", [7] = "open drain", [8] = "open source", [9] = "push-pull", [10] = "drive strength", [11] = "input debounce", [12] = "input mode", [13] = "pull mode", [14] = "input value", [15] = "schmitt trigger", [16] = "low power", [17] = "output mode", [18] = "output value", [19] = "power source", [20] = "slew rate", } } } },
            { "value", "word" },
          } },
        } },
      [0x7] = { name = "PINCTRL_REQUEST", since = 0x10000,
        payload = {
          { "id", "word" },
          { "flags", "bits", bits = { { "selector", 1, 0, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } } } },
        } },
      [0x8] = { name = "PINCTRL_RELEASE", since = 0x10000,
        payload = {
          { "id", "word" },
          { "flags", "bits", bits = { { "selector", 1, 0, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } } } },
        } },
      [0x9] = { name = "PINCTRL_NAME_GET", since = 0x10000,
        payload = {
          { "id", "word" },
          { "flags", "bits", bits = { { "selector", 1, 0, "unsigned", names = { [0] = "pin", [1] = "group", [2] = "function", } } } },
        },
        reply = {
          { "flags", "hex" },
          { "name", "name", bytes = 64 },
        } },
      [0xa] = { name = "PINCTRL_SET_PERMISSIONS", since = 0x10000,
        payload = {
          { "agent_id", "word" },
          { "id", "word" },
          { "flags", "hex" },
        } },
      [0x10] = { name = "NEGOTIATE_PROTOCOL_VERSION", since = 0x0,
        payload = {
          { "version", "version" },
        } },
    },
    notifications = {
    },
  },
}

-- Everything below is the same for all protocols; what is special to one stands in the tables above.

local KINDS = {
  [0] = "command", [1] = "answer", [2] = "event", [3] = "dropped", [4] = "returned", [5] = "note",
}
local COMMAND, ANSWER, EVENT, DROPPED, RETURNED, NOTE = 0, 1, 2, 3, 4, 5
local CHANNELS = { [0] = "a2p", [1] = "p2a" }
local TYPES = { [0] = "command", [1] = "reserved", [2] = "delayed response", [3] = "notification" }

local PROTOCOL_NAMES = {}
for number, info in pairs(PROTOCOLS) do
  PROTOCOL_NAMES[number] = info.name
end

local scmi = Proto("scmi", "System Control and Management Interface")

local f = {
  layout = ProtoField.uint8("scmi.trace.layout", "Layout"),
  kind = ProtoField.uint8("scmi.trace.kind", "Kind", base.DEC, KINDS),
  channel = ProtoField.uint8("scmi.trace.channel", "Channel", base.DEC, CHANNELS),
  altered = ProtoField.bool("scmi.trace.altered", "Altered on purpose", 8, nil, 1),
  room = ProtoField.uint32("scmi.trace.room", "Room"),
  used = ProtoField.uint32("scmi.trace.used", "Used length"),
  header = ProtoField.uint32("scmi.header", "Header", base.HEX),
  message_id = ProtoField.uint32("scmi.message_id", "Message id", base.HEX, nil, 0x000000ff),
  type = ProtoField.uint32("scmi.type", "Type", base.DEC, TYPES, 0x00000300),
  protocol = ProtoField.uint32("scmi.protocol", "Protocol", base.HEX, PROTOCOL_NAMES, 0x0003fc00),
  token = ProtoField.uint32("scmi.token", "Token", base.DEC, nil, 0x0ffc0000),
  reserved = ProtoField.uint32("scmi.reserved", "Reserved bits", base.HEX, nil, 0xf0000000),
  message = ProtoField.string("scmi.message", "Message"),
  subject = ProtoField.string("scmi.subject", "Subject"),
  status = ProtoField.int32("scmi.status", "Status", base.DEC, STATUS),
  version = ProtoField.string("scmi.version", "Version spoken"),
  command_in = ProtoField.framenum("scmi.command_in", "Command in"),
  answer_in = ProtoField.framenum("scmi.answer_in", "Answer in", base.NONE, frametype.RESPONSE),
  delayed_in = ProtoField.framenum("scmi.delayed_in", "Delayed response in", base.NONE, frametype.RESPONSE),
  latency = ProtoField.relative_time("scmi.latency", "Time since the command"),
  rest = ProtoField.bytes("scmi.rest", "Bytes that are not in the tables"),
}

local e = {
  unknown = ProtoExpert.new("scmi.unknown", "Message that the tables do not know", expert.group.UNDECODED, expert.severity.WARN),
  short = ProtoExpert.new("scmi.short", "Message that ends too soon", expert.group.MALFORMED, expert.severity.WARN),
  leftover = ProtoExpert.new("scmi.leftover", "Bytes behind the last field", expert.group.PROTOCOL, expert.severity.NOTE),
  refused = ProtoExpert.new("scmi.refused", "Command that was refused", expert.group.RESPONSE_CODE, expert.severity.NOTE),
  early = ProtoExpert.new("scmi.not_in_version", "Message of a later version than is spoken", expert.group.PROTOCOL, expert.severity.WARN),
  altered = ProtoExpert.new("scmi.altered", "Altered on purpose", expert.group.COMMENTS_GROUP, expert.severity.NOTE),
  unanswered = ProtoExpert.new("scmi.unanswered", "Buffer that went back without an answer", expert.group.SEQUENCE, expert.severity.WARN),
  foreign = ProtoExpert.new("scmi.foreign", "Packet that is none of a trace", expert.group.MALFORMED, expert.severity.ERROR),
}

-- Fields of messages: scmi.PROTOCOL.FIELD. A name that stands for different things in one protocol has its shape in it.

local registered = {}
local made = {}

local function make(protocol, name, shape, mask, create)
  local abbreviation = "scmi." .. protocol .. "." .. name:gsub("[^%w_]", "_"):lower()
  local key = shape .. (mask and string.format("/%08x", mask) or "")
  if made[abbreviation] and made[abbreviation].key ~= key then
    abbreviation = abbreviation .. "_" .. key:gsub("/", "_")
  end
  if not made[abbreviation] then
    local field = create(abbreviation)
    made[abbreviation] = { key = key, field = field }
    registered[#registered + 1] = field
  end
  return made[abbreviation].field
end

local MAKE = {
  word = function(a, n) return ProtoField.uint32(a, n) end,
  hex = function(a, n) return ProtoField.uint32(a, n, base.HEX) end,
  signed = function(a, n) return ProtoField.int32(a, n) end,
  wide = function(a, n) return ProtoField.uint64(a, n) end,
  wide_signed = function(a, n) return ProtoField.int64(a, n) end,
  version = function(a, n) return ProtoField.uint32(a, n, base.HEX) end,
  status = function(a, n) return ProtoField.int32(a, n, base.DEC, STATUS) end,
  header = function(a, n) return ProtoField.uint32(a, n, base.HEX) end,
  name = function(a, n) return ProtoField.string(a, n) end,
  bits = function(a, n) return ProtoField.uint32(a, n, base.HEX) end,
  protocols = function(a, n) return ProtoField.uint8(a, n, base.HEX, PROTOCOL_NAMES) end,
  shorts = function(a, n) return ProtoField.uint16(a, n) end,
}

local function make_bits(protocol, field, bits)
  local name, high, low, kind = bits[1], bits[2], bits[3], bits[4]
  local mask = 0
  for bit = low, high do
    mask = mask + 2 ^ bit
  end
  return make(protocol, field .. "." .. name, kind, mask, function(a)
    if kind == "flag" then
      return ProtoField.bool(a, name, 32, nil, mask)
    elseif kind == "signed" then
      return ProtoField.int32(a, name, base.DEC, nil, mask)
    end
    local names = bits.names
    if kind == "sensor_type" then names = SENSOR_TYPES end
    if kind == "protocol" then names = PROTOCOL_NAMES end
    return ProtoField.uint32(a, name, base.DEC, names, mask)
  end)
end

local function make_layout(protocol, layout)
  for _, field in ipairs(layout) do
    local name, shape = field[1], field[2]
    if field.of then
      make_layout(protocol, field.of)
    else
      field.field = make(protocol, name, shape, nil, function(a) return MAKE[shape](a, name) end)
    end
    for _, bits in ipairs(field.bits or {}) do
      bits.field = make_bits(protocol, name, bits)
    end
  end
end

for _, info in pairs(PROTOCOLS) do
  for _, list in ipairs({ info.commands, info.notifications }) do
    for _, message in pairs(list) do
      make_layout(info.name, message.payload or {})
      make_layout(info.name, message.reply or {})
      make_layout(info.name, message.delayed or {})
    end
  end
end

for _, field in pairs(f) do
  registered[#registered + 1] = field
end
scmi.fields = registered
scmi.experts = { e.unknown, e.short, e.leftover, e.refused, e.early, e.altered, e.unanswered, e.foreign }

-- Arithmetic that all versions of Lua have.

local function bits_of(word, high, low)
  return math.floor(word / 2 ^ low) % 2 ^ (high - low + 1)
end

local function has_bits(word, mask, value)
  for bit = 0, 31 do
    if bits_of(mask, bit, bit) == 1 and bits_of(word, bit, bit) ~= bits_of(value, bit, bit) then
      return false
    end
  end
  return true
end

local function version_text(word)
  return string.format("%d.%d", bits_of(word, 31, 16), bits_of(word, 15, 0))
end

-- The walk over the fields of a message. `at` says where it is: tvb, pos, version. False ends it.

local walk_layout

local function short(at, tree, name)
  local left = at.tvb:len() - at.pos
  tree:add_proto_expert_info(e.short, string.format("the message ends within %s: %d bytes are left", name, left))
  return false
end

local function take(at, tree, name, bytes)
  if at.pos + bytes > at.tvb:len() then
    return short(at, tree, name)
  end
  local range = at.tvb:range(at.pos, bytes)
  at.pos = at.pos + bytes
  return range
end

local function applies(at, when, words)
  if not when then return true end
  local kind = when[1]
  if kind == "bits" then
    local word = words[when[2]]
    return word ~= nil and has_bits(word, when[3], when[4])
  elseif kind == "both" then
    return applies(at, when[2], words) and applies(at, when[3], words)
  elseif kind == "since" then
    return at.version >= when[2]
  end
  return at.version < when[2]
end

local function walk_word(at, tree, field, words)
  local name, shape = field[1], field[2]
  local range = take(at, tree, name, 4)
  if not range then return false end
  local word = range:le_uint()
  words[name], words[1] = word, word
  local item = tree:add_le(field.field, range)
  if shape == "version" then
    item:append_text(" (" .. version_text(word) .. ")")
  end
  for _, bits in ipairs(field.bits or {}) do
    item:add_le(bits.field, range)
  end
  return true
end

local function walk_ids(at, tree, field, count, size)
  local bytes = count * size
  if bytes == 0 then return true end
  local range = take(at, tree, field[1], bytes + (4 - bytes % 4) % 4)
  if not range then return false end
  for nth = 0, count - 1 do
    tree:add_le(field.field, range:range(nth * size, size))
  end
  return true
end

local function walk_repeat(at, tree, field)
  local nth = 0
  while at.pos < at.tvb:len() do
    local before = at.pos
    local item = tree:add(at.tvb:range(at.pos), string.format("%s[%d]", field[1], nth))
    if not walk_layout(at, item, field.of) then return false end
    if at.pos == before then break end
    item:set_len(at.pos - before)
    nth = nth + 1
  end
  return true
end

local function walk_field(at, tree, field, words)
  local name, shape = field[1], field[2]
  if shape == "wide" or shape == "wide_signed" then
    local range = take(at, tree, name, 8)
    if not range then return false end
    tree:add_le(field.field, range)
    return true
  elseif shape == "name" then
    local range = take(at, tree, name, field.bytes)
    if not range then return false end
    tree:add(field.field, range, range:stringz())
    return true
  elseif shape == "protocols" then
    return walk_ids(at, tree, field, words[1] or 0, 1)
  elseif shape == "shorts" then
    return walk_ids(at, tree, field, (words[1] or 0) % 0x1000, 2)
  elseif shape == "group" then
    if at.pos >= at.tvb:len() then return walk_layout(at, tree, field.of) end
    local item = tree:add(at.tvb:range(at.pos), name)
    local before = at.pos
    local went = walk_layout(at, item, field.of)
    item:set_len(math.max(at.pos - before, 1))
    return went
  elseif shape == "repeat" then
    return walk_repeat(at, tree, field)
  end
  return walk_word(at, tree, field, words)
end

walk_layout = function(at, tree, layout)
  local words = {}
  for _, field in ipairs(layout) do
    if applies(at, field.when, words) and not walk_field(at, tree, field, words) then
      return false
    end
  end
  return true
end

-- What is remembered of a capture, by agent: commands that wait, those that were answered, versions. It is gathered when a packet
-- is seen for the first time, in order, and looked up when it is shown again.

local waiting, answered, asked, spoken, seen
local interface_id = Field.new("frame.interface_id")
local interface_name = Field.new("frame.interface_name")

function scmi.init()
  waiting, answered, asked, spoken, seen = {}, {}, {}, {}, {}
end

local function forget(agent)
  waiting[agent], answered[agent], asked[agent], spoken[agent] = {}, {}, {}, {}
end

local function of_agent(all, agent)
  all[agent] = all[agent] or {}
  return all[agent]
end

local function link(command, number, what)
  local known = seen[command.number]
  if known then known[what] = number end
end

local function answer(agent, word)
  local list = of_agent(waiting, agent)[word]
  if not list or #list == 0 then return nil end
  local command = table.remove(list, 1)
  if #list == 0 then waiting[agent][word] = nil end
  return command
end

local function remember(pinfo, agent, kind, altered, message)
  local known = {}
  seen[pinfo.number] = known
  if kind == NOTE and not altered then
    forget(agent)
    return known
  end
  if message:len() < 4 then return known end
  local word = message:range(0, 4):le_uint()
  local id, type, protocol = bits_of(word, 7, 0), bits_of(word, 9, 8), bits_of(word, 17, 10)
  local first = message:len() >= 8 and message:range(4, 4):le_uint() or nil
  local command
  if kind == COMMAND then
    local list = of_agent(waiting, agent)
    list[word] = list[word] or {}
    table.insert(list[word], { number = pinfo.number, time = pinfo.rel_ts })
    of_agent(answered, agent)[word] = nil
    if id == 0x10 and first then of_agent(asked, agent)[word] = first end
  elseif kind == ANSWER or kind == DROPPED then
    command = answer(agent, word)
    if command then
      link(command, pinfo.number, "answer")
      if kind == ANSWER then of_agent(answered, agent)[word] = command end
    end
    if kind == ANSWER and id == 0x10 then
      if first == 0 then of_agent(spoken, agent)[protocol] = of_agent(asked, agent)[word] end
      of_agent(asked, agent)[word] = nil
    elseif kind == ANSWER and id == 0 and message:len() >= 12 then
      local versions = of_agent(spoken, agent)
      versions[protocol] = versions[protocol] or message:range(8, 4):le_uint()
    end
  elseif kind == EVENT and type == 2 then
    local key = word - 0x200
    command = of_agent(answered, agent)[key]
    of_agent(answered, agent)[key] = nil
    if not command then
      local list = of_agent(waiting, agent)[key]
      command = list and list[1]
    end
    if command then link(command, pinfo.number, "delayed") end
  end
  if command then
    known.command, known.latency = command.number, pinfo.rel_ts - command.time
  end
  known.version = of_agent(spoken, agent)[protocol]
  return known
end

local function show_links(tree, known)
  local function generated(item) item:set_generated() end
  if known.command then
    generated(tree:add(f.command_in, known.command))
    local seconds = math.max(known.latency, 0)
    local whole = math.floor(seconds)
    generated(tree:add(f.latency, NSTime.new(whole, math.floor((seconds - whole) * 1e9 + 0.5))))
  end
  if known.answer then generated(tree:add(f.answer_in, known.answer)) end
  if known.delayed then generated(tree:add(f.delayed_in, known.delayed)) end
end

-- What a message is, by its header: what to call it, its row of the tables, the layout of what follows.
local function identify(word, kind)
  local id, type, protocol = bits_of(word, 7, 0), bits_of(word, 9, 8), bits_of(word, 17, 10)
  local info = PROTOCOLS[protocol]
  local subject = TYPES[type]
  if type == 0 and kind == ANSWER then subject = "response" end
  local row, layout
  if info and type == 0 then
    row = info.commands[id]
    layout = row and (kind == ANSWER and row.reply or kind ~= ANSWER and row.payload) or {}
  elseif info and type == 2 then
    row = info.commands[id]
    if row and not row.delayed then row = nil end
    layout = row and row.delayed
  elseif info and type == 3 then
    row = info.notifications[id]
    layout = row and row.payload or {}
  end
  return subject, info, row, layout
end

local function show_header(tree, range)
  local item = tree:add_le(f.header, range)
  for _, name in ipairs({ "message_id", "type", "protocol", "token", "reserved" }) do
    item:add_le(f[name], range)
  end
end

local function dissect_message(message, tree, pinfo, kind, known)
  if message:len() < 4 then
    short({ tvb = message, pos = 0 }, tree, "the header")
    pinfo.cols.info = "no whole header"
    return
  end
  local range = message:range(0, 4)
  local word = range:le_uint()
  show_header(tree, range)
  local subject, info, row, layout = identify(word, kind)
  local name = row and row.name or "unknown"
  local title = string.format("%s %s %s", subject, info and info.name or string.format("%#x", bits_of(word, 17, 10)), name)
  pinfo.cols.info = string.format("%s, token %d", title, bits_of(word, 27, 18))
  tree:append_text(", " .. title)
  tree:add(f.subject, subject):set_generated()
  tree:add(f.message, name):set_generated()
  if not row then
    tree:add_proto_expert_info(e.unknown, "the tables do not know this message")
  end
  show_links(tree, known)
  local version = known.version or (info and info.newest) or 0
  if info then tree:add(f.version, version_text(version)):set_generated() end
  if kind == DROPPED then
    tree:add_proto_expert_info(e.unanswered, "its buffer went back without an answer")
    return
  end
  if row and row.since > version then
    tree:add_proto_expert_info(e.early, "it came with version " .. version_text(row.since))
  end
  local at = { tvb = message, pos = 4, version = version }
  if subject == "response" or subject == "delayed response" then
    local range = take(at, tree, "status", 4)
    if not range then return end
    local status = range:le_int()
    tree:add_le(f.status, range)
    pinfo.cols.info:append(": " .. (STATUS[status] or tostring(status)))
    if status ~= 0 then
      tree:add_proto_expert_info(e.refused, STATUS[status] or tostring(status))
      layout = {}
    end
  end
  local whole = layout and walk_layout(at, tree, layout)
  if at.pos < message:len() and (whole or not layout) then
    tree:add(f.rest, message:range(at.pos))
    if row then tree:add_proto_expert_info(e.leftover, "bytes follow the last field") end
  end
end

function scmi.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "SCMI"
  local tree = root:add(scmi, tvb:range())
  if tvb:len() < 12 or tvb:range(0, 1):uint() ~= 1 or tvb:range(1, 1):uint() > NOTE or tvb:range(2, 1):uint() > 1 then
    tree:add_proto_expert_info(e.foreign, "this is no packet of a trace, or one of a later layout")
    pinfo.cols.info = "no packet of a trace"
    return tvb:len()
  end
  local kind, altered = tvb:range(1, 1):uint(), tvb:range(3, 1):uint() % 2 == 1
  local around = tree:add(tvb:range(0, 12), "Trace: " .. KINDS[kind])
  around:add(f.layout, tvb:range(0, 1))
  around:add(f.kind, tvb:range(1, 1))
  around:add(f.channel, tvb:range(2, 1))
  around:add(f.altered, tvb:range(3, 1))
  around:add_le(f.room, tvb:range(4, 4))
  around:add_le(f.used, tvb:range(8, 4))
  if altered then tree:add_proto_expert_info(e.altered, "altered on purpose: see the packet's comment") end
  local agent = interface_id()
  agent = agent and agent.value or 0
  local name = interface_name()
  local platform, us = "platform", name and name.value or "agent " .. tostring(agent)
  pinfo.cols.src = kind == COMMAND and us or platform
  pinfo.cols.dst = kind == COMMAND and platform or us
  local message = tvb:len() > 12 and tvb:range(12):tvb() or nil
  local known = seen[pinfo.number]
  if not known then
    local nothing = { len = function() return 0 end }
    known = remember(pinfo, agent, kind, altered, message or nothing)
  end
  if kind == NOTE then
    pinfo.cols.info = "note"
  elseif kind == RETURNED then
    pinfo.cols.info = "buffer for events given back"
  elseif message then
    dissect_message(message, tree, pinfo, kind, known)
  else
    pinfo.cols.info = "buffer without a header given back"
  end
  return tvb:len()
end

-- LINKTYPE_USER0, which Wireshark calls 45.
local encapsulations = wtap_encaps or wtap
DissectorTable.get("wtap_encap"):add(encapsulations and encapsulations.USER0 or 45, scmi)
