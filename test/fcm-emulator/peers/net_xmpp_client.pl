# Drives Debian's libnet-xmpp-perl. peers.ts describes stdin and stdout.
use strict;
use warnings;
use utf8;
use IO::Select;
use JSON::PP;
use Net::XMPP;

my ($port, $sender, $key, $ca) = @ARGV;
$| = 1;
binmode STDOUT, ':utf8';
my $json = JSON::PP->new->canonical;

sub say_event { my ($event, %more) = @_; print $json->encode({ event => $event, %more }), "\n"; }
sub escape { my ($text) = @_; $text =~ s/&/&amp;/g; $text =~ s/</&lt;/g; return $text; }

my $client = Net::XMPP::Client->new;
sub put { my ($id, $payload) = @_; $client->Send("<message id='$id'><gcm xmlns='google:mobile:data'>" . escape($payload) . '</gcm></message>'); }

$client->SetCallBacks(
    message => sub {
        my (undef, $message) = @_;
        return say_event('stanzaError') if ($message->GetType // '') eq 'error';
        my ($text) = $message->GetXML =~ /<(?:\w+:)?gcm[^>]*>([^<]*)</ or return;
        $text =~ s/&lt;/</g; $text =~ s/&gt;/>/g; $text =~ s/&quot;/"/g; $text =~ s/&apos;/'/g; $text =~ s/&amp;/&/g;
        my $read = $json->decode($text);
        my $kind = $read->{message_type} // '';
        return say_event('control', type => $read->{control_type}) if $kind eq 'control';
        return say_event('answer', id => $read->{message_id}, type => $kind, error => $read->{error}) if $kind eq 'ack' or $kind eq 'nack';
        say_event('upstream', id => $read->{message_id}, from => $read->{from}, data => $read->{data});
        put('', $json->encode({ to => $read->{from}, message_id => $read->{message_id}, message_type => 'ack' }));
    },
    iq => sub { my (undef, $iq) = @_; say_event('pong', from => $iq->GetFrom) if $iq->GetID eq 'ping-1' and $iq->GetType eq 'result'; },
);

my $connected = $client->Connect(
    hostname => 'localhost', port => $port, componentname => 'fcm.googleapis.com', ssl => 1, tls => 0, ssl_verify => 1, ssl_ca_path => $ca, srv => 0,
);
my @login = $connected ? $client->AuthSend(username => $sender, password => $key, resource => 'perl') : ();
if (($login[0] // '') ne 'ok') {
    say_event('refused', text => join ' ', map { $_ // '' } @login);
    exit;
}
say_event('connected');
my $input = IO::Select->new(\*STDIN);
my $rest = '';
while (1) {
    my $state = eval { $client->Process(0.05) };
    if (!defined $state) { say_event('disconnected'); exit; }
    next if !$input->can_read(0);
    sysread(STDIN, $rest, 4096, length $rest) or exit;
    while ($rest =~ s/^([^\n]*)\n//) {
        my ($verb, $token, $id) = split ' ', $1;
        if ($verb eq 'send') { put($id, $json->encode({ to => $token, message_id => $id, data => { hello => 'wörld <&> 😀👩‍💻' } })); }
        if ($verb eq 'bad') { put('bad', '{"random": "text"'); }
        if ($verb eq 'ping') { $client->Send("<iq to='fcm.googleapis.com' type='get' id='ping-1'><ping xmlns='urn:xmpp:ping'/></iq>"); }
        if ($verb eq 'close') { $client->Disconnect; say_event('disconnected'); exit; }
    }
}
