#!/bin/sh
# Asks as fast as it can, from several processes, until it is killed: sensors through hwmon, and messages past Linux's drivers.
# Nobody looks at the answers.

RAW=/sys/kernel/debug/scmi/0/raw
inputs=$(ls /sys/class/hwmon/*/*_input)

sensors() { while :; do for file in $inputs; do read -r value < $file; done; done; }

# PROTOCOL_VERSION of Base with 128 tokens from $1 on, in turn: for a token that is on its way Linux sleeps for seconds.
messages() {
	first=$1
	set --
	for token in $(seq $first $((first + 127))); do
		set -- "$@" $(printf '\\x00\\x40\\x%02x\\x%02x' $((token << 2 & 255)) $((token >> 6)))
	done
	while :; do for message; do printf $message > $RAW/message; done; done
}

cat $RAW/message > /dev/null &
for process in 1 2 3; do sensors & done
for tokens in 600 728; do messages $tokens & done
wait
