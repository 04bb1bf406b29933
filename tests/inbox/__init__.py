"""Tests of the Inbox."""
