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
