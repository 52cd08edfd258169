"""The stacks: each composes constructs of one service and wires them together."""
