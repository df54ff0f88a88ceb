// Empty on purpose: only the C target CWebSockets includes <libwebsockets.h>. This module gives it the flags.
